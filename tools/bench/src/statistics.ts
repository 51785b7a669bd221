/** What several measurements of one thing say: the middle one, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws a RangeError where there is no value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = sort(values);
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)] ?? NaN, sorted[Math.ceil(middle)] ?? NaN];
  return { median: (low + high) / 2, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** The smallest value that at least `percent` of 100 values do not exceed (nearest rank). Throws a RangeError without values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = sort(values);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

/** Ours through the peer's, measurement by measurement of the same round. Throws a RangeError where their counts differ. */
export function ratios(ours: readonly number[], peers: readonly number[]): readonly number[] {
  if (ours.length !== peers.length) throw new RangeError(`${ours.length} rounds against ${peers.length}`);
  return ours.map((value, round) => value / (peers[round] ?? NaN));
}

function sort(values: readonly number[]): readonly number[] {
  if (values.length === 0) throw new RangeError('nothing was measured');
  return [...values].sort((a, b) => a - b);
}
