import type { UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { TokenBucket, type Rate } from './token-bucket.ts';

export interface UserQuotasOptions {
  readonly maxSessions: number;
  readonly sends: Rate;
  readonly now: () => number;
}

interface Used {
  sessionCount: number;
  readonly sends: TokenBucket;
}

/** What one user may have and do on this instance, with all sessions together. Who has none is forgotten. */
export class UserQuotas {
  readonly #options: UserQuotasOptions;
  readonly #users = new Map<UserId, Used>();

  constructor(options: UserQuotasOptions) {
    this.#options = options;
  }

  /** Counts a session in. Throws TOO_MANY_SESSIONS. */
  enter(userId: UserId): void {
    const { maxSessions, sends, now } = this.#options;
    const used = this.#users.get(userId) ?? { sessionCount: 0, sends: new TokenBucket(sends, now()) };
    if (used.sessionCount >= maxSessions) {
      const message = `A user may have at most ${maxSessions} sessions on an instance.`;
      throw new ChatError('TOO_MANY_SESSIONS', { message });
    }
    used.sessionCount += 1;
    this.#users.set(userId, used);
  }

  leave(userId: UserId): void {
    const used = this.#users.get(userId);
    if (used === undefined) return;
    used.sessionCount -= 1;
    if (used.sessionCount === 0) this.#users.delete(userId);
  }

  /** Null where the user may send so many now, else the refusal. */
  takeSends(userId: UserId, count: number): ChatError | null {
    const { sends, now } = this.#options;
    if (this.#users.get(userId)?.sends.take(count, now()) !== false) return null;
    const message = `A user may send ${sends.perSecond} frames a second to an instance, ${sends.burst} of them at once.`;
    return new ChatError('RATE_LIMITED', { message });
  }
}
