import type { PersistedMessageRepository } from '@chat/database';
import {
  AnotherLogError,
  markOf,
  type DeadLetters,
  type GroupBatch,
  type LogRange,
  type StoredPosition,
} from '@chat/kafka';
import type { Clock, Logger, Tracing } from '@chat/service-kit';
import type { PersisterMetrics } from './metrics.ts';
import type { OpenLog } from './open-log.ts';
import { planBatch, type PersistPlan } from './persist-batch.ts';
import { traceBatch } from './trace-batch.ts';
import type { ProgressPublisher } from './progress-publisher.ts';

/** Its consumer group, without prefix. */
export const CONSUMER_GROUP = 'message-persister';

export interface ChatMessagesConsumerOptions {
  readonly messages: PersistedMessageRepository;
  readonly log: Pick<OpenLog, 'epoch' | 'partitionCount'>;
  readonly deadLetters: DeadLetters;
  readonly progress: ProgressPublisher;
  readonly clock: Clock;
  readonly metrics: PersisterMetrics;
  /** Null where nothing is traced. */
  readonly tracing: Tracing | null;
  readonly logger: Logger;
}

/**
 * Stores chat-messages (DESIGN §5.4). The position of a partition lies in Postgres beside the rows and moves with them in
 * one statement, only from where the batch was fetched; so an instance that was frozen, or shares a partition for a moment,
 * stores nothing twice. Kafka's own commit is for monitoring.
 */
export class ChatMessagesConsumer {
  readonly #options: ChatMessagesConsumerOptions;

  constructor(options: ChatMessagesConsumerOptions) {
    this.#options = options;
  }

  /**
   * The stored position of a partition that was taken over; at first sight of it, the start of its log. Throws AnotherLogError
   * where the epoch has been closed, or has no such partition.
   */
  async startAt(partition: number, { start }: LogRange): Promise<StoredPosition> {
    const { messages, log } = this.#options;
    if (partition >= log.partitionCount) {
      const reason = `partition ${partition} was added: log epoch ${log.epoch} was opened with ${log.partitionCount}`;
      throw new AnotherLogError(partition, reason);
    }
    const position = await messages.openPosition(log.epoch, partition, start);
    return position ?? this.#refuse(partition);
  }

  /** Tells where a partition goes on, once it is known that its log is the one of the position. */
  async placed(partition: number, next: number): Promise<void> {
    const { log, progress } = this.#options;
    await progress.publish({ epoch: log.epoch, partition, next });
  }

  processBatch(batch: GroupBatch): Promise<void> {
    const { tracing } = this.#options;
    return tracing === null ? this.#process(batch) : traceBatch(tracing, batch, () => this.#process(batch));
  }

  async #process(batch: GroupBatch): Promise<void> {
    const endTimer = this.#options.metrics.batchSeconds.startTimer();
    const { partition, fetchedOffset, nextOffset, records } = batch;
    const { partitionCount } = this.#options.log;
    for (const plan of planBatch({ partition, partitionCount, fetchedOffset, nextOffset, records })) {
      if (!(await this.#store(partition, plan))) return this.#drop(batch, plan.from);
    }
    await this.#tell(batch);
    endTimer();
    this.#noteLag(batch);
  }

  /** The clocks of who made the record and of this machine may differ. */
  #noteLag({ records: [first] }: GroupBatch): void {
    const { metrics, clock } = this.#options;
    if (first !== undefined) metrics.storeLagSeconds.observe(Math.max(0, clock.now() - first.timestamp) / 1_000);
  }

  /** False where the position is not at the beginning of the plan: somebody else has moved it. */
  async #store(partition: number, plan: PersistPlan): Promise<boolean> {
    const { messages, log, deadLetters, metrics } = this.#options;
    const { from, next, refused, rows, repeatCount } = plan;
    await deadLetters.setAside(partition, refused);
    const last = plan.last && markOf(plan.last);
    const stored = await messages.saveBatch({ epoch: log.epoch, partition, expected: from, next, last, rows });
    if (stored === null) return false;
    metrics.rows.inc(stored);
    metrics.repeats.inc(repeatCount + rows.length - stored);
    return true;
  }

  /** The position is told as it is stored: this may be a batch that was stored and then could not be told. */
  async #drop(batch: GroupBatch, from: number): Promise<void> {
    const { messages, log, metrics, logger, progress } = this.#options;
    metrics.fencedBatches.inc();
    const position = await messages.findPosition(log.epoch, batch.partition);
    if (position === null || position.next === from) return this.#refuse(batch.partition);
    const { next } = position;
    logger.warn(
      { partition: batch.partition, from, next },
      'a batch was dropped: it, or part of it, is stored already',
    );
    batch.seek(next);
    await progress.publish({ epoch: log.epoch, partition: batch.partition, next });
  }

  /** Nobody has moved the position, and yet it does not move. */
  #refuse(partition: number): never {
    throw new AnotherLogError(partition, `log epoch ${this.#options.log.epoch} was closed`);
  }

  async #tell(batch: GroupBatch): Promise<void> {
    const { log, progress } = this.#options;
    const { partition, nextOffset } = batch;
    await batch.commit(nextOffset);
    await progress.publish({ epoch: log.epoch, partition, next: nextOffset });
  }
}
