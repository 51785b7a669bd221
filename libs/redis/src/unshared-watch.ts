import { Counter, startAtZero, type Logger, type Registry } from '@chat/service-kit';
import { adviceOn } from './redis-failure.ts';

/** Warnings about one thing, at most one in this time, in ms. */
const WARN_EVERY_MS = 10_000;

/** What all instances count together, and each for itself while Redis does not take it. */
export type SharedThing = 'limits' | 'proofs';

/** Counts what could not be shared; of these things, by an app that shares them. */
export function createUnsharedMetric(registry: Registry, things: readonly SharedThing[]) {
  const counter = new Counter({
    name: 'chat_redis_unshared_total',
    help: `Times that Redis was not told, so that something held for this instance alone, by what: ${things.join(', ')}`,
    labelNames: ['of'],
    registers: [registry],
  });
  return startAtZero(counter, 'of', things);
}

export interface UnsharedWatchOptions {
  readonly metric: ReturnType<typeof createUnsharedMetric>;
  readonly logger: Logger;
  /** Monotonic, in ms. */
  readonly now: () => number;
}

/** Says where instances do not hear of each other, which nothing else shows: whoever asks goes on by its own memory. */
export class UnsharedWatch {
  readonly #options: UnsharedWatchOptions;
  readonly #warnedAt = new Map<SharedThing, number>();

  constructor(options: UnsharedWatchOptions) {
    this.#options = options;
  }

  /** The same work; where it fails, that is counted, and said once in 10 s. */
  over<Args extends readonly unknown[], Answer>(
    thing: SharedThing,
    share: (...args: Args) => Promise<Answer>,
  ): (...args: Args) => Promise<Answer> {
    return async (...args) => {
      try {
        return await share(...args);
      } catch (error) {
        this.#note(thing, error);
        throw error;
      }
    };
  }

  #note(thing: SharedThing, error: unknown): void {
    const { metric, logger, now } = this.#options;
    metric.inc({ of: thing });
    if (now() - (this.#warnedAt.get(thing) ?? -Infinity) < WARN_EVERY_MS) return;
    this.#warnedAt.set(thing, now());
    const advice = adviceOn(error instanceof Error && error.cause !== undefined ? error.cause : error, {
      hasWorked: true,
    });
    logger.warn(
      { err: error, of: thing, ...(advice !== null && { advice }) },
      'redis does not share what all instances count together: each goes by its own count',
    );
  }
}
