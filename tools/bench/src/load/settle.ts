import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { usageOf } from './process-usage.ts';

/** How long a process is watched at a time, in ms, and the share of it that it may compute when it has nothing to do. */
const WATCH_MS = 250;
const BUSY_SHARE = 0.2;
const SETTLE_DEADLINE_MS = 30_000;
/** Connections that a server may have opened meanwhile to what it depends on. */
const OWN_CONNECTIONS = 25;

/** Files and sockets that a process holds open. */
export function openFilesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Resolves once a process holds hardly more files than so many and computes nearly nothing; rejects after 30 s. */
export async function settled(pid: number, files = Infinity): Promise<void> {
  const endAt = performance.now() + SETTLE_DEADLINE_MS;
  for (;;) {
    const before = usageOf(pid).cpuS;
    await pause(WATCH_MS);
    const isIdle = usageOf(pid).cpuS - before < (BUSY_SHARE * WATCH_MS) / 1_000;
    if (isIdle && openFilesOf(pid) <= files + OWN_CONNECTIONS) return;
    if (performance.now() > endAt) throw new Error(`process ${pid} did not come to rest`);
  }
}
