/** First and longest pause between two attempts of one append, in ms; it doubles in between. */
export const RETRY_FIRST_MS = 50;
export const RETRY_MAX_MS = 400;

/** Told what happens on the way to the log; for metrics. Must not throw. */
export interface AttemptObserver {
  /** One attempt to append one batch, or one whole transaction, has ended. */
  attempt?(outcome: AttemptEnd, recordCount: number, bytes: number, durationMs: number): void;
}
export type AttemptEnd = 'acknowledged' | 'failed';

export interface AttemptOptions {
  readonly size: { readonly recordCount: number; readonly bytes: number };
  /** Monotonic time in ms. */
  readonly now: () => number;
  readonly observer: AttemptObserver | undefined;
}

export type AttemptOutcome<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown };

/** Does the work once and tells the observer how it ended. Never rejects. */
export async function attempt<Value>(
  work: () => Promise<Value>,
  { size: { recordCount, bytes }, now, observer }: AttemptOptions,
): Promise<AttemptOutcome<Value>> {
  const startedAt = now();
  const ended = (outcome: AttemptEnd) => observer?.attempt?.(outcome, recordCount, bytes, now() - startedAt);
  try {
    const value = await work();
    ended('acknowledged');
    return { ok: true, value };
  } catch (error) {
    ended('failed');
    return { ok: false, error };
  }
}
