import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

/** Time between two looks at a process's memory, in ms, and how long it may go on shrinking. */
const LOOK_MS = 500;
const SETTLE_DEADLINE_MS = 20_000;
/** Less than this between two looks is rest, in bytes. */
const REST_BYTES = 256 * 1_024;

/** For a Node process whose memory is to be measured. */
export const COLLECT_OPTION = `--import=${pathToFileURL(join(import.meta.dirname, 'collect-garbage.ts')).href}`;

/** Bytes of memory that a process holds (VmRSS) once it has collected its garbage and given back what it does. */
export async function settledRss(pid: number): Promise<number> {
  const endAt = performance.now() + SETTLE_DEADLINE_MS;
  let before = Infinity;
  for (;;) {
    process.kill(pid, 'SIGUSR2');
    await pause(LOOK_MS);
    const now = rssOf(pid);
    if (before - now < REST_BYTES || performance.now() > endAt) return Math.min(before, now);
    before = now;
  }
}

/** As the process stands (VmRSS), in bytes. */
export function rssOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) * 1_024;
}
