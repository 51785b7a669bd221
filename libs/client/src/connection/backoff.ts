/** A random pause below a bound that doubles with each try in a row ("full jitter"), in ms. The first try is 1. */
export function backoffMs(
  attempt: number,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
  random: () => number,
): number {
  return Math.round(random() * Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, 30)));
}
