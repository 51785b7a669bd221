import type { Removal, RetentionRepository } from '@chat/database';
import { pause, type Clock, type Logger, type Service } from '@chat/service-kit';
import { RETENTION_BOUNDS, RETENTION_EVERY_MS, RETENTION_PASS_MAX_MS } from './limits.ts';
import type { PersisterMetrics } from './metrics.ts';

export interface RowRetentionOptions {
  readonly rows: RetentionRepository;
  /** How old rows may become, in ms; null keeps them for ever. */
  readonly maxAgeMs: number | null;
  /** How long a record that rows are made from may live in Kafka, in ms. */
  readonly recordLifeMs: () => Promise<number>;
  readonly metrics: Pick<PersisterMetrics, 'removedRows'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Removes rows of messages that are too old, once an hour, some rooms a statement. Two instances that do so at once do no harm. Never rows
 * whose records the log may still have: read again, in a new log epoch, they would come back.
 */
export class RowRetention implements Service {
  readonly name = 'row retention';
  readonly #options: RowRetentionOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: RowRetentionOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    const { maxAgeMs } = this.#options;
    if (maxAgeMs !== null) this.#running = this.#removeOnAndOn(maxAgeMs);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #removeOnAndOn(maxAgeMs: number): Promise<void> {
    const { logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#removeAll(maxAgeMs);
      } catch (error) {
        logger.warn({ err: error }, 'old rows were not removed'); // they are removed the next time
      }
      await pause(RETENTION_EVERY_MS, signal);
    }
  }

  /** All rooms in turn, or as far as the time goes; the eldest rows of the next rooms until none of them is too old. */
  async #removeAll(maxAgeMs: number): Promise<void> {
    const { rows, metrics, clock, logger } = this.#options;
    const recordLifeMs = await this.#options.recordLifeMs();
    if (recordLifeMs >= maxAgeMs) {
      logger.error({ recordLifeMs, maxAgeMs }, 'old rows stay: the log may keep their records for as long');
      return;
    }
    const until = clock.now() + RETENTION_PASS_MAX_MS;
    const before = new Date(clock.now() - maxAgeMs);
    let sum = 0;
    for (let at: bigint | null = 0n; at !== null && clock.now() < until && !this.#stopping.signal.aborted;) {
      const { removedCount, upToRoomId }: Removal = await rows.removeOlder(before, at, RETENTION_BOUNDS);
      if (removedCount === 0) at = upToRoomId;
      metrics.removedRows.inc(removedCount);
      sum += removedCount;
    }
    if (sum > 0) logger.info({ count: sum, before }, 'old rows were removed');
  }
}
