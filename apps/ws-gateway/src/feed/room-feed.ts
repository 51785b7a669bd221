import type { RawRecord } from '@chat/kafka-contracts';
import type { Service } from '@chat/service-kit';

/** A record of `chat-messages`. Key, value and headers are the fetch's own bytes. */
export interface FeedRecord extends RawRecord {
  readonly offset: number;
  /** When it was made, in Unix ms. */
  readonly timestamp: number;
}

/** What a feed hands the log to: records of one partition, at least one, in the order of the log, one call at a time. */
export interface FeedSink {
  /** Records from before this instance was ready. Where they are not all that the log has, what came first is not certain. */
  remember(partition: number, records: readonly FeedRecord[], isWholeLog: boolean): void;
  /** Records that are live. */
  consume(partition: number, records: readonly FeedRecord[]): Promise<void>;
}

/**
 * How `chat-messages` comes to this instance: of every room that somebody here may hear of, each record once, in the order of
 * its partition, with nothing left out. Resolves `start` when nothing that is published from then on can be missed.
 */
export interface RoomFeed extends Service {
  /** The offset behind the last record that the sink has taken; before the first one, the offset that reading began at. */
  position(partition: number): number;
  /** The first offset that the sink was given, or could have been. */
  beganAt(partition: number): number;
  /** The log's end as it was at `start`. */
  endAtStart(partition: number): number;
}
