import type { ChangeTarget, StoredTarget } from '@chat/database';
import type { MessageId, RoomId } from '@chat/dto';
import { ChatError, pause } from '@chat/service-kit';
import type { KnownMessages } from '../broker/known-messages.ts';
import { LOOKUP_DEADLINE_MS, TARGET_LOOK_MS } from '../limits.ts';

export interface ChangeTargetsOptions {
  readonly known: KnownMessages;
  /** Asks the database; rejects with a ChatError while it does not answer. */
  readonly findStored: (roomId: RoomId, messageId: MessageId) => Promise<StoredTarget>;
  /** The offset behind the last record that this instance has read of the room's partition. */
  readonly readUpTo: (roomId: RoomId) => number;
  /** Monotonic time in ms. */
  readonly now: () => number;
}

/** The messages that clients want to change: from memory, else from the rows. */
export class ChangeTargets {
  readonly #options: ChangeTargetsOptions;

  constructor(options: ChangeTargetsOptions) {
    this.#options = options;
  }

  /** What memory knows; undefined where only the rows can tell. */
  peek(roomId: RoomId, messageId: MessageId): ChangeTarget | undefined {
    return this.#options.known.find(roomId, messageId);
  }

  /**
   * Null where the room has no such message among all that this instance had read when it was asked: that is waited for while the
   * rows are behind. Rejects with UNAVAILABLE where they stay behind, or the database does not answer.
   */
  async find(roomId: RoomId, messageId: MessageId): Promise<ChangeTarget | null> {
    const { findStored, readUpTo, now } = this.#options;
    const barrier = readUpTo(roomId);
    const endAt = now() + LOOKUP_DEADLINE_MS;
    do {
      const known = this.peek(roomId, messageId);
      if (known !== undefined) return known;
      const { target, storedUpTo } = await findStored(roomId, messageId);
      if (target !== null || storedUpTo >= barrier) return target;
      await pause(TARGET_LOOK_MS);
    } while (now() < endAt);
    throw new ChatError('UNAVAILABLE', { message: `Message ${messageId} may not be stored yet; try again shortly.` });
  }
}
