import type { RoomId } from '@chat/dto';
import type { SharedRate } from '@chat/redis';
import { ChatError } from '@chat/service-kit';

export interface RoomQuotaOptions {
  readonly rate: SharedRate;
  /** Told of each refusal. */
  readonly refused: () => void;
}

/**
 * What a room takes of all its members together, asked where a message is about to be published: who is no member, and what repeats
 * another message, uses up nothing.
 */
export class RoomQuota {
  readonly #options: RoomQuotaOptions;

  constructor(options: RoomQuotaOptions) {
    this.#options = options;
  }

  /** Throws RATE_LIMITED where the room takes none now. */
  take(roomId: RoomId): void {
    const waitMs = this.#options.rate.take(roomId);
    if (waitMs > 0) throw this.#refusalOf(waitMs);
  }

  /** The same for the messages of a transaction, by the room of each, all or none; TRANSACTION_TOO_LARGE where a room never takes so many at once. */
  takeTogether(roomIds: readonly RoomId[]): void {
    const { rate } = this.#options;
    const counts = new Map<RoomId, number>();
    for (const roomId of roomIds) counts.set(roomId, (counts.get(roomId) ?? 0) + 1);
    for (const [roomId, count] of counts) {
      const waitMs = rate.waitFor(roomId, count);
      if (waitMs > 0) throw this.#refusalOf(waitMs, count > rate.atOnce ? rate.atOnce : null);
    }
    for (const [roomId, count] of counts) rate.take(roomId, count);
  }

  #refusalOf(waitMs: number, atOnce: number | null = null): ChatError {
    const { rate, refused } = this.#options;
    refused();
    if (atOnce !== null) {
      const message = `A room takes at most ${atOnce} messages of a transaction.`;
      return new ChatError('TRANSACTION_TOO_LARGE', { message });
    }
    const message = `A room takes ${rate.perSecond} messages a second; send again in ${Math.ceil(waitMs / 1_000)} s.`;
    return new ChatError('RATE_LIMITED', { message });
  }
}
