/** Bounds of a load: it is to measure a chat, not to take one down. */
export const LOAD_BOUNDS = {
  senders: { min: 1, max: 500 },
  perSecond: { min: 1, max: 20_000 },
  seconds: { min: 1, max: 3_600 },
  size: { min: 1, max: 10_000 },
} as const;
