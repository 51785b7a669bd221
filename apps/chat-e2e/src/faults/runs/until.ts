import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/** Looks until something is so; answers after how many ms it was, or null where it was not within the deadline. */
export async function until(isSo: () => boolean | Promise<boolean>, deadlineMs: number): Promise<number | null> {
  const beganAt = performance.now();
  for (;;) {
    const holds = await isSo();
    const afterMs = Math.round(performance.now() - beganAt);
    if (holds && afterMs <= deadlineMs) return afterMs;
    if (afterMs > deadlineMs) return null;
    await sleep(LOOK_EVERY_MS);
  }
}
