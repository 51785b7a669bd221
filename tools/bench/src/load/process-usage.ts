import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used since its start. */
export interface ProcessUsage {
  /** CPU of all its threads, user and system, in s. */
  readonly cpuS: number;
  /** Its system calls of the family of `write`; a socket's `writev` is one of them. */
  readonly writeCalls: number;
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
  const writeCalls = Number(/^syscw: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
  return { cpuS: nanoseconds.reduce((sum, ns) => sum + ns, 0) / 1e9, writeCalls };
}

export function usedBetween(before: ProcessUsage, after: ProcessUsage): ProcessUsage {
  return { cpuS: after.cpuS - before.cpuS, writeCalls: after.writeCalls - before.writeCalls };
}
