import type { UserId } from '@chat/dto';
import { RATE_WINDOW_MS, type RateLimit } from '@chat/redis';
import { ChatError } from '@chat/service-kit';
import { TokenBucket, type Rate } from './token-bucket.ts';

/** Users without a session whose SENDs are still remembered, 100 bytes each; of more the first to go is forgotten. */
const GONE_MAX_COUNT = 50_000;

export interface UserQuotasOptions {
  readonly maxSessions: number;
  readonly sends: Rate;
  /** What a user may publish on all instances together: of `messageRateOf(sends)`. */
  readonly messages: RateLimit;
  readonly now: () => number;
}

interface Used {
  sessionCount: number;
  readonly sends: TokenBucket;
}

/** Messages of a user a second on all instances together: over the window of a shared rate as many as one instance takes at once, or in that time. */
export function messageRateOf({ perSecond, burst }: Rate): number {
  return Math.max(perSecond, (burst * 1_000) / RATE_WINDOW_MS);
}

/**
 * What one user may have and do on this instance, with all sessions together; messages count on all instances. Who has no session
 * is forgotten once nothing is left of what was sent, so that nobody begins anew by coming again.
 */
export class UserQuotas {
  readonly #options: UserQuotasOptions;
  readonly #users = new Map<UserId, Used>();
  /** The first to go is the first. */
  readonly #gone = new Map<UserId, TokenBucket>();

  constructor(options: UserQuotasOptions) {
    this.#options = options;
  }

  /** Counts a session in. Throws TOO_MANY_SESSIONS. */
  enter(userId: UserId): void {
    const { maxSessions, sends, now } = this.#options;
    const bucket = () => this.#gone.get(userId) ?? new TokenBucket(sends, now());
    const used = this.#users.get(userId) ?? { sessionCount: 0, sends: bucket() };
    if (used.sessionCount >= maxSessions) {
      const message = `A user may have at most ${maxSessions} sessions on an instance.`;
      throw new ChatError('TOO_MANY_SESSIONS', { message });
    }
    used.sessionCount += 1;
    this.#users.set(userId, used);
    this.#gone.delete(userId);
  }

  leave(userId: UserId): void {
    const used = this.#users.get(userId);
    if (used === undefined) return;
    used.sessionCount -= 1;
    if (used.sessionCount > 0) return;
    this.#users.delete(userId);
    this.#forgetFull();
    if (!used.sends.isFull(this.#options.now())) this.#gone.set(userId, used.sends);
  }

  /** Null where the user may send so many frames now, else the refusal. */
  takeSends(userId: UserId, count: number): ChatError | null {
    const { sends, now } = this.#options;
    if (this.#users.get(userId)?.sends.take(count, now()) !== false) return null;
    const message = `A user may send ${sends.perSecond} frames a second to an instance, ${sends.burst} of them at once.`;
    return new ChatError('RATE_LIMITED', { message });
  }

  /** The same for messages: those of a transaction all or none, TRANSACTION_TOO_LARGE where they never may. */
  takeMessages(userId: UserId, count: number): ChatError | null {
    const { sends, messages } = this.#options;
    if (count === 0) return null;
    if (count > sends.burst) {
      const message = `A user may send at most ${sends.burst} messages of a transaction.`;
      return new ChatError('TRANSACTION_TOO_LARGE', { message });
    }
    const refusal = this.takeSends(userId, count);
    if (refusal !== null) return refusal;
    const waitMs = messages.take(userId, count);
    if (waitMs === 0) return null;
    const message = `A user may send ${messages.perSecond} messages a second over all sessions; send again in ${Math.ceil(waitMs / 1_000)} s.`;
    return new ChatError('RATE_LIMITED', { message });
  }

  #forgetFull(): void {
    const now = this.#options.now();
    for (const [userId, sends] of this.#gone) {
      if (this.#gone.size < GONE_MAX_COUNT && !sends.isFull(now)) break;
      this.#gone.delete(userId);
    }
  }
}
