import type { UserRepository } from '@chat/database';
import type { UserId } from '@chat/dto';
import type { Clock, Logger } from '@chat/service-kit';
import { USERNAME_MEMORY_MAX_COUNT } from '../limits.ts';
import type { RequestCaller } from './caller.ts';

export interface UsernameMemoryOptions {
  readonly users: Pick<UserRepository, 'saveUsernames'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Saves the usernames of verified tokens, and remembers which are saved so that a request costs no statement for it. */
export class UsernameMemory {
  readonly #options: UsernameMemoryOptions;
  readonly #saved = new Map<UserId, string>();
  /** Saves that are under way; one that is forgotten meanwhile is not remembered as saved. */
  readonly #saving = new Map<UserId, { isForgotten: boolean }>();

  constructor(options: UsernameMemoryOptions) {
    this.#options = options;
  }

  /**
   * Never rejects: a username that was not saved now is saved with the user's next request. One save of a user is under way
   * at a time, so that requests to a slow Postgres add no more of them, and none overtakes an earlier one.
   */
  async remember({ userId, username }: RequestCaller): Promise<void> {
    if (username === null || this.#saved.get(userId) === username || this.#saving.has(userId)) return;
    const { users, clock, logger } = this.#options;
    const save = { isForgotten: false };
    this.#saving.set(userId, save);
    try {
      const kept = await users.saveUsernames(new Map([[userId, username]]), new Date(clock.now()));
      if (kept.has(userId) && !save.isForgotten) this.#keep(userId, username);
    } catch (error) {
      logger.warn({ err: error }, 'a username was not saved');
    } finally {
      this.#saving.delete(userId);
    }
  }

  /** The user's tokens were revoked, for an erasure perhaps: the name may be stored no longer, and is saved with the next token. */
  forget(userId: UserId): void {
    this.#saved.delete(userId);
    const save = this.#saving.get(userId);
    if (save !== undefined) save.isForgotten = true;
  }

  /** The oldest entry makes room; a Map keeps the order of insertion. */
  #keep(userId: UserId, username: string): void {
    this.#saved.delete(userId);
    this.#saved.set(userId, username);
    if (this.#saved.size <= USERNAME_MEMORY_MAX_COUNT) return;
    const [oldest] = this.#saved.keys();
    if (oldest !== undefined) this.#saved.delete(oldest);
  }
}
