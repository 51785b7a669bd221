import type { PersistedMessageRepository } from '@chat/database';
import type { DeadLetters, GroupBatch, LogRange, StoredPosition } from '@chat/kafka';
import { ChatError, type Logger } from '@chat/service-kit';
import type { OpenLog } from './log-epoch.ts';
import type { PersisterMetrics } from './metrics.ts';
import { planBatch, type PersistPlan } from './persist-batch.ts';
import type { ProgressPublisher } from './progress-publisher.ts';

export interface ChatMessagesConsumerOptions {
  readonly messages: PersistedMessageRepository;
  readonly log: Pick<OpenLog, 'epoch'>;
  readonly partitionCount: () => number;
  readonly deadLetters: DeadLetters;
  readonly progress: ProgressPublisher;
  readonly metrics: PersisterMetrics;
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

  /** The stored position of a partition that was taken over; at first sight of it, the start of its log. */
  async startAt(partition: number, { start }: LogRange): Promise<StoredPosition> {
    const { messages, log, progress } = this.#options;
    const next = await messages.openPosition(log.epoch, partition, start);
    await progress.publish({ epoch: log.epoch, partition, next });
    return { next, last: null };
  }

  async processBatch(batch: GroupBatch): Promise<void> {
    const endTimer = this.#options.metrics.batchSeconds.startTimer();
    const { partition, fetchedOffset, nextOffset, records } = batch;
    const partitionCount = this.#options.partitionCount();
    for (const plan of planBatch({ partition, partitionCount, fetchedOffset, nextOffset, records })) {
      if (!(await this.#store(partition, plan))) return this.#drop(batch, plan.from);
    }
    await this.#tell(batch);
    endTimer();
  }

  /** False where the position is not at the beginning of the plan: somebody else has moved it. */
  async #store(partition: number, { from, next, refused, rows, repeatCount }: PersistPlan): Promise<boolean> {
    const { messages, log, deadLetters, metrics } = this.#options;
    await deadLetters.setAside(partition, refused);
    const stored = await messages.saveBatch({ epoch: log.epoch, partition, expected: from, next, rows });
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
    if (position === null) throw new ChatError('INTERNAL', { message: 'The position of a partition is gone.' });
    logger.warn(
      { partition: batch.partition, from, position },
      'a batch was dropped: it, or part of it, is stored already',
    );
    batch.seek(position);
    await progress.publish({ epoch: log.epoch, partition: batch.partition, next: position });
  }

  async #tell(batch: GroupBatch): Promise<void> {
    const { log, progress } = this.#options;
    const { partition, nextOffset } = batch;
    await batch.commit(nextOffset);
    await progress.publish({ epoch: log.epoch, partition, next: nextOffset });
  }
}
