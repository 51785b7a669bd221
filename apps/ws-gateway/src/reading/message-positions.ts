import type { LogPosition, MessageId, RoomId } from '@chat/dto';
import { ChatError, pause, type Clock } from '@chat/service-kit';
import { ON_ITS_WAY_MAX_MS, ON_ITS_WAY_LOOK_MS } from '../limits.ts';
import { mayBeOnItsWay } from './on-its-way.ts';

export interface SeenMessage {
  readonly offset: number;
  /** Whether it came since this instance began to read, so that it belongs to the log that is open. */
  readonly isLive: boolean;
}

export interface MessagePositionsOptions {
  /** A message that this instance has read lately; undefined where it does not remember. */
  readonly findSeen: (roomId: RoomId, messageId: MessageId) => SeenMessage | undefined;
  /** Where a message lies by the rows; null where the room has no such row. */
  readonly findStored: (roomId: RoomId, messageId: MessageId) => Promise<LogPosition | null>;
  /** Number of the log that is open; 0 before the first. */
  readonly findEpoch: () => Promise<number>;
  readonly partitionOf: (roomId: RoomId) => number;
  readonly clock: Clock;
}

/**
 * Where messages lie in the log (DESIGN §5.7): as this instance has read them, else as they are stored. So what a client names
 * is a position that there is, and an id that it made up is none.
 */
export class MessagePositions {
  readonly #options: MessagePositionsOptions;

  constructor(options: MessagePositionsOptions) {
    this.#options = options;
  }

  /**
   * Null where the room has no such message. An id that was made a moment ago may be of a message on its way to here: that is
   * waited for, up to `ON_ITS_WAY_MAX_MS`. Rejects with UNAVAILABLE where only the database could tell and it does not answer.
   */
  async find(roomId: RoomId, messageId: MessageId): Promise<LogPosition | null> {
    const known = await this.#look(roomId, messageId);
    if (known !== null || !mayBeOnItsWay(messageId, this.#options.clock.now())) return known;
    for (let waitedMs = 0; waitedMs < ON_ITS_WAY_MAX_MS; waitedMs += ON_ITS_WAY_LOOK_MS) {
      await pause(ON_ITS_WAY_LOOK_MS);
      const seen = this.#options.findSeen(roomId, messageId);
      if (seen !== undefined) return this.#positionOf(roomId, seen);
    }
    return this.#look(roomId, messageId);
  }

  /** What was there before this instance was may have been stored under a log before, as its row says: that goes first. */
  async #look(roomId: RoomId, messageId: MessageId): Promise<LogPosition | null> {
    const { findSeen, findStored } = this.#options;
    const seen = findSeen(roomId, messageId);
    if (seen?.isLive === true) return this.#positionOf(roomId, seen);
    const stored = await findStored(roomId, messageId);
    return stored === null && seen !== undefined ? this.#positionOf(roomId, seen) : stored;
  }

  async #positionOf(roomId: RoomId, { offset }: SeenMessage): Promise<LogPosition> {
    const epoch = await this.#options.findEpoch();
    if (epoch === 0) throw new ChatError('UNAVAILABLE', { message: 'No log epoch was opened yet.' });
    return { epoch, partition: this.#options.partitionOf(roomId), offset };
  }
}
