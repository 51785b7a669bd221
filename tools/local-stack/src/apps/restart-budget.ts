/** How often and how fast something that ends is started again. */
export interface RestartLimits {
  readonly maxPerWindow: number;
  readonly windowMs: number;
  /** Pause before the first restart; doubles with each further one in the window. */
  readonly firstDelayMs: number;
}

export const RESTART_LIMITS: RestartLimits = { maxPerWindow: 5, windowMs: 60_000, firstDelayMs: 500 };

export interface RestartDecision {
  /** From now to the restart, in ms. */
  readonly delayMs: number;
  /** Which restart of the window this is, from 1. */
  readonly count: number;
  /** The window's restarts are used up: the next one waits until the window allows it. */
  readonly isExhausted: boolean;
}

/** Decides about restarts in a sliding window; knows no clock, its times are any monotonic milliseconds. */
export class RestartBudget {
  readonly #limits: RestartLimits;
  #restartsAt: number[] = [];

  constructor(limits: RestartLimits = RESTART_LIMITS) {
    this.#limits = limits;
  }

  /** What to do about an end at `nowMs`; the restart it answers with counts as made. */
  next(nowMs: number): RestartDecision {
    const { maxPerWindow, windowMs, firstDelayMs } = this.#limits;
    this.#restartsAt = this.#restartsAt.filter((at) => at > nowMs - windowMs);
    const [oldest = nowMs] = this.#restartsAt;
    const made = this.#restartsAt.length;
    const isExhausted = made >= maxPerWindow;
    const delayMs = isExhausted ? oldest + windowMs - nowMs : firstDelayMs * 2 ** made;
    if (isExhausted) this.#restartsAt.shift();
    this.#restartsAt.push(nowMs + delayMs);
    return { delayMs, count: isExhausted ? maxPerWindow : made + 1, isExhausted };
  }
}
