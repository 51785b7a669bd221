import type { Service } from '@chat/service-kit';
import type { RedisClient } from './redis-client.ts';
import { countRates } from './scripts/count-rates.lua.ts';

/** How long a count goes on until it begins anew, in ms: as much may be done at once as in all of it. */
export const RATE_WINDOW_MS = 10_000;
/** How long what was taken here may stay unknown to other instances, in ms. */
const SHARE_EVERY_MS = 100;
/** Counters in one call. */
const SHARED_AT_ONCE = 500;
/** Keys of one limit that an instance knows, 100 bytes each; of more it forgets the eldest. */
const KEYS_MAX_COUNT = 50_000;

export interface SharedRatesOptions {
  /** Adds to the counters of these keys for all instances; rejects while that cannot be done. */
  readonly share: ShareCounts;
  /** Monotonic, in ms. */
  readonly now: () => number;
  readonly maxKeys?: number;
}

/** By key of a limit what was taken here; answers all that was taken in this window, and the ms that are left of it. */
export type ShareCounts = (
  counts: readonly { readonly limit: string; readonly key: string | number; readonly count: number }[],
  windowMs: number,
) => Promise<readonly { readonly total: number; readonly leftMs: number }[]>;

/** How often something may be done, by whom or where. */
export interface RateLimit {
  /** In the long run; in one window, of 10 s, as much as that at once. */
  readonly perSecond: number;
  /** 0 where so many may be taken now, and then they are; else the ms after which it may be tried again. Waits for nobody. */
  take(key: string | number, count?: number): number;
}

/** One of all instances. */
export interface SharedRate extends RateLimit {
  /** As much as one window has. */
  readonly atOnce: number;
  /** What `take` would answer; nothing is taken. */
  waitFor(key: string | number, count?: number): number;
}

interface Taken {
  readonly limit: string;
  readonly key: string | number;
  readonly max: number;
  count: number;
  endsAt: number;
  /** Until when others have taken all. */
  blockedUntil: number;
  unshared: number;
}

/**
 * Limits that hold for all instances together. Each goes by its own count at once, and tells Redis what it has taken ten times a second, all of
 * it in one call; where that says that all is taken, nobody takes more until the window ends. So nobody waits for Redis, a limit may be
 * passed by what all instances take in a tenth of a second, and while Redis is away it holds for each instance alone.
 */
export class SharedRates implements Service {
  readonly name = 'shared rates';
  readonly #options: SharedRatesOptions;
  readonly #dirty = new Set<Taken>();
  #timer: NodeJS.Timeout | undefined;
  #sharing: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: SharedRatesOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#sharing;
  }

  /** A limit by this name, the same for all instances. */
  limit(name: string, perSecond: number): SharedRate {
    const max = (perSecond * RATE_WINDOW_MS) / 1_000;
    const known = new Map<string | number, Taken>();
    const { now, maxKeys = KEYS_MAX_COUNT } = this.#options;
    const takenOf = (key: string | number): Taken => {
      const found = known.get(key);
      if (found !== undefined) return found;
      const taken = { limit: name, key, max, count: 0, endsAt: 0, blockedUntil: 0, unshared: 0 };
      known.set(key, taken);
      const [eldest = key] = known.keys();
      if (known.size > maxKeys) known.delete(eldest);
      return taken;
    };
    return {
      ...{ perSecond, atOnce: max },
      take: (key, count = 1) => this.#take(takenOf(key), count, now()),
      waitFor: (key, count = 1) => waitFor(takenOf(key), count, now()),
    };
  }

  #take(taken: Taken, count: number, now: number): number {
    const waitMs = waitFor(taken, count, now);
    if (waitMs > 0) return waitMs;
    taken.count += count;
    taken.unshared += count;
    this.#dirty.add(taken);
    if (this.#timer === undefined && !this.#isStopped)
      this.#timer = setTimeout(() => this.#shareSoon(), SHARE_EVERY_MS);
    return 0;
  }

  #shareSoon(): void {
    this.#sharing = this.#share().then(() => {
      this.#timer = undefined;
      if (this.#dirty.size > 0 && !this.#isStopped) this.#timer = setTimeout(() => this.#shareSoon(), SHARE_EVERY_MS);
    });
  }

  async #share(): Promise<void> {
    const all = [...this.#dirty];
    this.#dirty.clear();
    for (let from = 0; from < all.length; from += SHARED_AT_ONCE)
      await this.#shareSome(all.slice(from, from + SHARED_AT_ONCE));
  }

  async #shareSome(some: readonly Taken[]): Promise<void> {
    const counts = some.map(({ limit, key, unshared }) => ({ limit, key, count: unshared }));
    for (const taken of some) taken.unshared = 0;
    try {
      const answers = await this.#options.share(counts, RATE_WINDOW_MS);
      const now = this.#options.now();
      for (const [at, taken] of some.entries()) {
        const { total = 0, leftMs = 0 } = answers[at] ?? {};
        if (total >= taken.max) taken.blockedUntil = now + leftMs;
      }
    } catch {
      // what this instance counts holds; whoever shares says so, by `UnsharedWatch`
    }
  }
}

/** 0 where so many are left of the window, which begins where the one before has ended; else the ms until the next one. */
function waitFor(taken: Taken, count: number, now: number): number {
  if (now < taken.blockedUntil) return taken.blockedUntil - now;
  if (now >= taken.endsAt) {
    taken.count = 0;
    taken.endsAt = now + RATE_WINDOW_MS;
  }
  return taken.count + count > taken.max ? taken.endsAt - now : 0;
}

/** Counts in Redis. */
export function shareCountsIn(redis: RedisClient): ShareCounts {
  return async (counts, windowMs) => {
    const keys = counts.map(({ limit, key }) => redis.keys.rate(limit, key));
    const answer = await redis.runScript(countRates, keys, [windowMs, ...counts.map(({ count }) => count)]);
    const numbers = Array.isArray(answer) ? answer.map(Number) : [];
    return counts.map((_, at) => ({ total: numbers[2 * at] ?? 0, leftMs: numbers[2 * at + 1] ?? 0 }));
  };
}
