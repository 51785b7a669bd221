import type { RoomId } from '@chat/dto';
import type { RawRecord } from '@chat/kafka-contracts';
import type { HealthCheck, Service } from '@chat/service-kit';
import type { JudgedRecord } from './stretch.ts';

/** A record of `chat-messages`. Key, value and headers are the fetch's own bytes. */
export interface FeedRecord extends RawRecord {
  readonly offset: number;
  /** When it was made, in Unix ms. */
  readonly timestamp: number;
}

/** What a feed hands the log to, in the order of the log, one call at a time a partition. */
export interface FeedSink {
  /** Records from before this instance was ready. Where they are not all that the log has, what came first is not certain. */
  remember(partition: number, records: readonly FeedRecord[], isWholeLog: boolean): void;
  /** Records that are live: every one of the partition, at least one. */
  consume(partition: number, records: readonly FeedRecord[]): Promise<void>;
  /**
   * Live ones of the rooms that are held, judged by who has read all; below `barrier`, which is behind a record of the partition,
   * or 0, there is nothing more. Where this takes several turns, a room may be held no longer from one of them on: then the others
   * of its records are to be left out.
   */
  consumeJudged(
    partition: number,
    records: readonly JudgedRecord[],
    barrier: number,
    isHeld: (roomId: RoomId) => boolean,
  ): Promise<void>;
  /** Of these rooms of the partition nothing passes here any more, until they are held again. */
  forget(partition: number, roomIds: ReadonlySet<RoomId>): void;
}

/**
 * How `chat-messages` comes to this instance: of every room that it holds, each record once, in the order of its partition,
 * with nothing left out. `start` resolves when nothing can be missed that is published from then on in a room held by then.
 */
export interface RoomFeed extends Service {
  /** What must hold for this instance to take work. */
  readonly checks: readonly HealthCheck[];
  /** Somebody here belongs to the room. To be called as often as `release`. */
  hold(roomId: RoomId): void;
  release(roomId: RoomId): void;
  /** From this offset of its partition on everything of the room passes here; Infinity where that is not so, or not settled. */
  coveredFrom(roomId: RoomId): number;
  /** When that was settled, by `performance.now()`. */
  coveredSince(roomId: RoomId): number;
  /** Null where it is settled. Resolves once it is; rejects with UNAVAILABLE after so many ms. */
  whenCovered(roomId: RoomId, maxMs: number): Promise<void> | null;
  /** Whether every record of the room's last `REPEAT_WINDOW_OFFSETS` has passed here. */
  remembersAll(roomId: RoomId): boolean;
  /** The log's end as it was at `start`; live records begin there. */
  endAtStart(partition: number): number;
}
