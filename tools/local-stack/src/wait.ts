import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `ms`; does not keep the process alive. */
export async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { ref: false });
}

/**
 * Tries until the probe answers true. Resolves to false when `deadlineMs` is over or `given up` is aborted; a probe that
 * throws counts as "not yet".
 */
export async function waitUntil(
  probe: () => Promise<boolean>,
  options: { readonly deadlineMs: number; readonly everyMs?: number; readonly giveUp?: () => boolean },
): Promise<boolean> {
  const endsAt = performance.now() + options.deadlineMs;
  for (;;) {
    if (options.giveUp?.() === true) return false;
    if (await probe().catch(() => false)) return true;
    if (performance.now() >= endsAt) return false;
    await sleep(options.everyMs ?? 50);
  }
}
