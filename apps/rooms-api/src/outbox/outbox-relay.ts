import type { DatabaseService, OutboxEntry } from '@chat/database';
import { RECORD_HEADERS, type RecordMetadata } from '@chat/kafka-contracts';
import { pause, withDeadline, type Clock, type Logger, type Service } from '@chat/service-kit';
import {
  OUTBOX_BATCH_MAX_COUNT,
  OUTBOX_CLEANING_EVERY_MS,
  OUTBOX_CLEANING_MAX_COUNT,
  OUTBOX_POLL_MS,
  OUTBOX_PUBLISH_DEADLINE_MS,
  OUTBOX_RETENTION_MS,
  OUTBOX_TRANSACTION_TIMEOUT_MS,
} from '../limits.ts';

/** Publishes to the entry's topic under the room's key; resolves once all in-sync replicas have the record. */
export type PublishEntry = (entry: OutboxEntry, metadata: RecordMetadata) => Promise<unknown>;

export interface OutboxRelayOptions {
  readonly database: Pick<DatabaseService, 'repositories' | 'transaction'>;
  readonly publish: PublishEntry;
  /** `ce_source` of the records. */
  readonly source: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Brings the outbox to Kafka: at once after a commit of this instance (`wake`), and within a second for what another one
 * left behind. One relay works at a time. An entry is marked only after its acknowledgement, so it may be published twice,
 * never not at all; readers go by an event's version, and by a message's id.
 */
export class OutboxRelay implements Service {
  readonly name = 'outbox relay';
  readonly #options: OutboxRelayOptions;
  readonly #stopping = new AbortController();
  #alarm = new AbortController();
  #cleanedAt = -Infinity;
  #running: Promise<void> = Promise.resolve();

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#running = this.#run();
    return Promise.resolve();
  }

  /** Ends after the batch in flight; what is left stays in the outbox for another relay. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#alarm.abort();
    await this.#running;
  }

  /** There is something in the outbox. */
  wake(): void {
    this.#alarm.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#alarm = new AbortController();
      const isDone = await this.#relayAll();
      const alarm = isDone ? this.#alarm.signal : this.#stopping.signal; // after a failure nobody can hurry it
      await pause(OUTBOX_POLL_MS, alarm);
    }
  }

  /** False where something went wrong; it is logged. */
  async #relayAll(): Promise<boolean> {
    try {
      while (!this.#stopping.signal.aborted && (await this.#hasUnsent())) await this.#relayBatch();
      await this.#forgetPast();
      return true;
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'changes of rooms wait in the outbox');
      return false;
    }
  }

  /** Without a transaction and its lock: most of the time there is nothing. */
  async #hasUnsent(): Promise<boolean> {
    return (await this.#options.database.repositories.outbox.listUnsent(1)).length > 0;
  }

  async #relayBatch(): Promise<void> {
    const { database, clock } = this.#options;
    const failure = await database.transaction(
      async ({ outbox }) => {
        await outbox.lockRelay();
        const { sent, firstFailure } = await this.#publishAll(await outbox.listUnsent(OUTBOX_BATCH_MAX_COUNT));
        if (sent.length > 0) await outbox.markSent(sent, new Date(clock.now()));
        return firstFailure;
      },
      { timeoutMs: OUTBOX_TRANSACTION_TIMEOUT_MS },
    );
    if (failure !== null) throw failure.reason;
  }

  /** Hands all over at once, in order; the publisher keeps that order. */
  async #publishAll(entries: readonly OutboxEntry[]) {
    const attempts = await Promise.allSettled(
      entries.map((entry) =>
        withDeadline(this.#publish(entry), OUTBOX_PUBLISH_DEADLINE_MS, 'publishing from the outbox'),
      ),
    );
    return {
      sent: entries.filter((_, index) => attempts[index]?.status === 'fulfilled').map(({ id }) => id),
      firstFailure: attempts.find((attempt) => attempt.status === 'rejected') ?? null,
    };
  }

  #publish(entry: OutboxEntry): Promise<unknown> {
    const { publish, source } = this.#options;
    return publish(entry, { source, ...metadataOf(entry) });
  }

  async #forgetPast(): Promise<void> {
    const now = this.#options.clock.now();
    if (now - this.#cleanedAt < OUTBOX_CLEANING_EVERY_MS) return;
    this.#cleanedAt = now;
    const before = new Date(now - OUTBOX_RETENTION_MS);
    const { outbox, invitations, bans } = this.#options.database.repositories;
    await outbox.removeSentBefore(before, OUTBOX_CLEANING_MAX_COUNT);
    for (const expiring of [invitations, bans]) await expiring.removeExpired(new Date(now), OUTBOX_CLEANING_MAX_COUNT);
  }
}

/** Of a message as gateways write it, so that a repeat is known by its id. */
function metadataOf(entry: OutboxEntry): Omit<RecordMetadata, 'source'> {
  if (entry.topic === 'room-events') return { id: `room-event-${entry.id}`, time: entry.value.at };
  const { id, senderId, timestamp } = entry.value;
  return { id: String(id), time: timestamp, headers: { [RECORD_HEADERS.senderId]: String(senderId) } };
}
