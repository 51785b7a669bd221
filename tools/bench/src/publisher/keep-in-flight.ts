import { measure, type Taken } from '../measure.ts';

export interface LoopResult extends Taken {
  /** How many pieces of work were done. */
  readonly count: number;
}

/** Keeps so many pieces of work under way for a time: each is followed by the next. Work is told its number, from 0. */
export async function keepInFlight(
  work: (n: number) => Promise<unknown>,
  { count, durationMs }: { readonly count: number; readonly durationMs: number },
): Promise<LoopResult> {
  let begun = 0;
  const taken = await measure(async () => {
    const endAt = performance.now() + durationMs;
    const loop = async () => {
      while (performance.now() < endAt) await work(begun++);
    };
    await Promise.all(Array.from({ length: count }, loop));
  });
  return { ...taken, count: begun };
}
