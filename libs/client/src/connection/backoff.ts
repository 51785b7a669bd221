/** Pause after the service refused something for now, in ms; it refused so many times in a row. */
export function retryMs(
  refusalCount: number,
  { retryMinMs, retryMaxMs }: { readonly retryMinMs: number; readonly retryMaxMs: number },
  random: () => number = Math.random,
): number {
  return backoffMs(refusalCount, { minMs: retryMinMs, maxMs: retryMaxMs }, random);
}

/** A random pause below a bound that doubles with each try in a row ("full jitter"), in ms. The first try is 1. */
export function backoffMs(
  attempt: number,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
  random: () => number,
): number {
  return Math.round(random() * Math.min(maxMs, minMs * 2 ** Math.min(attempt - 1, 30)));
}
