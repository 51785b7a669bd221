import type { Outcome } from './outcome.ts';

/** A frame under way. */
export interface Dispatched<Result = Outcome> {
  /** Settled once the frame's place in the order is fixed; null where it is already. */
  readonly handedOver: Promise<void> | null;
  /** What goes on the RECEIPT; rejects with a ChatError. */
  readonly outcome: Promise<Result>;
}

/** Nothing comes of it, for a ChatError or by a fault. */
export function refused<Result>(error: unknown): Dispatched<Result> {
  return { handedOver: null, outcome: Promise.reject(error) };
}

/** Nothing behind the frame is handled before its outcome. */
export function inOrder(outcome: Promise<Outcome>): Dispatched {
  const settled = () => {};
  return { handedOver: outcome.then(settled, settled), outcome };
}

/** The frame's place is fixed when `begin` has been called with what had to be looked up. */
export function afterLookup<Found, Result>(
  lookup: Promise<Found>,
  begin: (found: Found) => Promise<Result>,
): Dispatched<Result> {
  const handedOver = Promise.withResolvers<void>();
  const outcome = lookup.then((found) => {
    const begun = begin(found);
    handedOver.resolve();
    return begun;
  });
  outcome.catch(() => handedOver.resolve());
  return { handedOver: handedOver.promise, outcome };
}
