import type { ChangeTarget, StoredTarget } from '@chat/database';
import type { MessageId, RoomId } from '@chat/dto';
import { ChatError, pause, type Clock } from '@chat/service-kit';
import type { KnownMessages } from '../broker/known-messages.ts';
import { TARGET_LOOK_MS, TARGET_WAIT_MAX_MS } from '../limits.ts';
import { mayBeOnItsWay } from '../reading/on-its-way.ts';

export interface ChangeTargetsOptions {
  readonly known: KnownMessages;
  /** Asks the database; rejects with a ChatError while it does not answer. */
  readonly findStored: (roomId: RoomId, messageId: MessageId) => Promise<StoredTarget>;
  /** The offset behind the last record that this instance has read of the room's partition. */
  readonly readUpTo: (roomId: RoomId) => number;
  readonly clock: Clock;
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
   * Null where the room has no such message: all that this instance had read when it was asked is stored, and the id is not so new
   * that its message may be on its way to here; else that is waited for. Rejects with UNAVAILABLE where the rows stay behind, or
   * the database does not answer.
   */
  async find(roomId: RoomId, messageId: MessageId): Promise<ChangeTarget | null> {
    const { findStored, readUpTo, clock } = this.#options;
    const barrier = readUpTo(roomId);
    const endAt = clock.now() + TARGET_WAIT_MAX_MS;
    for (;;) {
      const known = this.peek(roomId, messageId);
      if (known !== undefined) return known;
      const { target, storedUpTo } = await findStored(roomId, messageId);
      if (target !== null) return target;
      const [isBehind, isLate] = [storedUpTo < barrier, clock.now() >= endAt];
      if (isBehind && isLate) throw notStoredYet(messageId);
      if (!isBehind && (isLate || !mayBeOnItsWay(messageId, clock.now()))) return null;
      await pause(TARGET_LOOK_MS);
    }
  }
}

function notStoredYet(messageId: MessageId): ChatError {
  return new ChatError('UNAVAILABLE', { message: `Message ${messageId} may not be stored yet; try again shortly.` });
}
