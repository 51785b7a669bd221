/** What some work took: seconds of the clock, and seconds of CPU of this process, user and system. */
export interface Taken {
  readonly wallS: number;
  readonly cpuS: number;
}

export async function measure(work: () => Promise<void>): Promise<Taken> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const wallS = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallS, cpuS: (user + system) / 1_000_000 };
}
