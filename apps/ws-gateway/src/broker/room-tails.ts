import type { RoomId } from '@chat/dto';
import { OffsetWindow } from './offset-window.ts';
import { PerPartition } from './per-partition.ts';

/** The last message of a room that this instance has read. */
export interface RoomTail {
  readonly messageId: string;
  readonly offset: number;
}

/**
 * How far this instance has read each partition, and what was last in each of its rooms. A room is forgotten once its last
 * message lies more than `windowOffsets` behind, so that memory is bounded; then its last message is unknown again.
 */
export class RoomTails {
  readonly #nextOffsets = new Map<number, number>();
  readonly #tails: PerPartition<OffsetWindow<RoomId, RoomTail>>;

  constructor(windowOffsets: number) {
    this.#tails = new PerPartition(() => new OffsetWindow(windowOffsets));
  }

  /** The offset behind the last record read of the partition; undefined before the first. */
  nextOffset(partition: number): number | undefined {
    return this.#nextOffsets.get(partition);
  }

  /** A record was read, whether or not it counts. */
  advance(partition: number, offset: number): void {
    this.#nextOffsets.set(partition, offset + 1);
  }

  find(partition: number, roomId: RoomId): RoomTail | undefined {
    return this.#tails.of(partition).get(roomId);
  }

  /** A message of the room was read; the one before it, where known. */
  pass(partition: number, roomId: RoomId, tail: RoomTail): RoomTail | undefined {
    const tails = this.#tails.of(partition);
    tails.advance(tail.offset);
    const before = tails.get(roomId);
    tails.set(roomId, tail, tail.offset);
    return before;
  }

  /** From here on the room is not read. */
  forget(partition: number, roomId: RoomId): void {
    this.#tails.of(partition).delete(roomId);
  }

  /** The rows told the room's last message before anything that this instance has read of it. */
  learn(partition: number, roomId: RoomId, tail: RoomTail): void {
    const tails = this.#tails.of(partition);
    if (tails.get(roomId) === undefined) tails.set(roomId, tail, tail.offset);
  }
}
