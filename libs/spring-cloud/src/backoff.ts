/** Half to all of a pause that doubles with each round up to the longest, so that many who wait do not come back at once. */
export function backoffMs(options: {
  readonly firstMs: number;
  readonly longestMs: number;
  /** From 0. */
  readonly round: number;
  /** From 0 up to 1. */
  readonly random: number;
}): number {
  const { firstMs, longestMs, round, random } = options;
  return Math.min(longestMs, firstMs * 2 ** round) * (0.5 + random / 2);
}
