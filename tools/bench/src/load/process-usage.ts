import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used since its start. */
export interface ProcessUsage {
  /** CPU of all its threads, user and system, in s. */
  readonly cpuS: number;
  /** Its system calls of the family of `write`; a socket's `writev` is one of them. */
  readonly writeCalls: number;
  /** Bytes that it has read, from sockets and files. */
  readonly readBytes: number;
}

/**
 * Linux counts it per thread, in ns; /proc/<pid>/stat shows the same time in steps of 10 ms, which is too coarse for a paced
 * load. Threads that have ended are left out: none of the processes here ends one under load.
 */
export function usageOf(pid: number): ProcessUsage {
  const taskIds = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = taskIds.map((id) =>
    Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]),
  );
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  const [writeCalls, readBytes] = [numberIn(io, 'syscw'), numberIn(io, 'rchar')];
  return { cpuS: nanoseconds.reduce((sum, ns) => sum + ns, 0) / 1e9, writeCalls, readBytes };
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]);
}

export function usedBetween(before: ProcessUsage, after: ProcessUsage): ProcessUsage {
  return {
    cpuS: after.cpuS - before.cpuS,
    writeCalls: after.writeCalls - before.writeCalls,
    readBytes: after.readBytes - before.readBytes,
  };
}
