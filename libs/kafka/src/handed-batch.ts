import type { EachBatchPayload } from 'kafkajs';
import { toLogRecord, type LogRecord } from './log-record.ts';

/** Records of one partition, at least one, and what may be done with them. */
export interface GroupBatch {
  readonly partition: number;
  /**
   * Where this batch begins: the `nextOffset` of the one before, or the position that the partition was taken over at or
   * sought to. Markers and aborted records in between do not count.
   */
  readonly fetchedOffset: number;
  /** Where the next batch will begin: store and commit this, since offsets have holes behind the last record too. */
  readonly nextOffset: number;
  /** The offset behind the last record of the log when this was fetched. */
  readonly highWatermark: number;
  readonly records: readonly LogRecord[];
  /** Keeps the membership alive; rejects when the group is changing. Beats are also sent while `onBatch` runs. */
  heartbeat(): Promise<void>;
  /** Whether the group has changed since: the partition may belong to another member now. */
  isStale(): boolean;
  /** The next batch begins at this offset, whatever becomes of this one. */
  seek(offset: number): void;
  /** Commits to Kafka that everything below `nextOffset` is done. Rejects when stale or when the broker refuses. */
  commit(nextOffset: number): Promise<void>;
}

/** Broker answers that say that this member is none any more. Source: Kafka protocol error codes. */
const EXPELLED: ReadonlySet<string> = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

/** A batch while `onBatch` has it; records below `fetchedOffset`, which a fetch from further back brings along, are left out. */
export class HandedBatch implements GroupBatch {
  readonly partition: number;
  readonly fetchedOffset: number;
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly records: readonly LogRecord[];
  readonly #payload: Pick<EachBatchPayload, 'batch' | 'heartbeat' | 'commitOffsetsIfNecessary'>;
  readonly #hasGroupChanged: () => boolean;
  #isExpelled = false;
  #kafkaError: Error | null = null;
  #soughtOffset: number | null = null;

  constructor(
    payload: Pick<EachBatchPayload, 'batch' | 'heartbeat' | 'commitOffsetsIfNecessary'>,
    fetchedOffset: number,
    hasGroupChanged: () => boolean,
  ) {
    const { batch } = payload;
    this.#payload = payload;
    this.#hasGroupChanged = hasGroupChanged;
    this.partition = batch.partition;
    this.fetchedOffset = fetchedOffset;
    this.nextOffset = Number(batch.lastOffset()) + 1;
    this.highWatermark = Number(batch.highWatermark);
    this.records = batch.messages.map(toLogRecord).filter(({ offset }) => offset >= fetchedOffset);
  }

  /** What kafkajs itself threw while the batch was in hand. */
  get kafkaError(): Error | null {
    return this.#kafkaError;
  }

  /** Where `seek` went, if it was called. */
  get soughtOffset(): number | null {
    return this.#soughtOffset;
  }

  isStale(): boolean {
    return this.#isExpelled || this.#hasGroupChanged();
  }

  heartbeat(): Promise<void> {
    return this.#ask(() => this.#payload.heartbeat());
  }

  /** A heart-beat that nobody waits for: a failure shows again at the next one, where kafkajs acts on it. */
  async beat(): Promise<void> {
    try {
      await this.#payload.heartbeat();
    } catch (error) {
      this.#noteExpulsion(error);
    }
  }

  seek(offset: number): void {
    this.#soughtOffset = offset;
  }

  async commit(nextOffset: number): Promise<void> {
    if (this.isStale()) throw new Error('the group has changed: the partition may belong to another member');
    const partitions = [{ partition: this.partition, offset: String(nextOffset) }];
    const topics = [{ topic: this.#payload.batch.topic, partitions }];
    await this.#ask(() => this.#payload.commitOffsetsIfNecessary({ topics }));
  }

  async #ask(request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      this.#noteExpulsion(error);
      this.#kafkaError = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }

  #noteExpulsion(error: unknown): void {
    if (error instanceof Error && 'type' in error && EXPELLED.has(String(error.type))) this.#isExpelled = true;
  }
}
