import type { UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { RedisClient } from './redis-client.ts';
import { readPresence } from './scripts/read-presence.lua.ts';

/** Users asked for in one round trip. */
const USERS_PER_REQUEST = 500;

/** What is known of a user's presence. `since` is an ISO-8601 instant, when that state began. */
export interface KnownPresence {
  readonly isOnline: boolean;
  readonly version: number;
  readonly since: string;
}

/** Reads presence as presence-worker left it. Rejects with ChatError UNAVAILABLE while Redis does not answer. */
export class PresenceReader {
  readonly #redis: RedisClient;

  constructor({ redis }: { redis: RedisClient }) {
    this.#redis = redis;
  }

  /** Which of these users have a live session, or lost their last one within the grace. */
  async listOnline(userIds: readonly UserId[]): Promise<ReadonlySet<UserId>> {
    const online = new Set<UserId>();
    for (const [userId, presence] of await this.findPresence(userIds)) if (presence.isOnline) online.add(userId);
    return online;
  }

  /** Presence by user; users of whom nothing is known (never seen, or not for a month) are absent and count as offline. */
  async findPresence(userIds: readonly UserId[]): Promise<Map<UserId, KnownPresence>> {
    const found = new Map<UserId, KnownPresence>();
    for (let from = 0; from < userIds.length; from += USERS_PER_REQUEST) {
      const part = userIds.slice(from, from + USERS_PER_REQUEST);
      const answer = await this.#read(part);
      for (const [index, userId] of part.entries()) {
        const presence = decodePresence(answer.slice(3 * index, 3 * index + 3));
        if (presence !== null) found.set(userId, presence);
      }
    }
    return found;
  }

  async #read(userIds: readonly UserId[]): Promise<readonly unknown[]> {
    const keys = userIds.map((userId) => this.#redis.keys.presence(userId));
    const answer = await this.#redis.runScript(readPresence, keys, []);
    if (Array.isArray(answer) && answer.length === 3 * userIds.length) return answer;
    throw new ChatError('INTERNAL', { message: 'Redis answered presence of other users than those asked for.' });
  }
}

function decodePresence([state, version, since]: readonly unknown[]): KnownPresence | null {
  if (state === '' || version === '' || typeof since !== 'string' || since === '') return null;
  const number = Number(version);
  if (!Number.isSafeInteger(number)) throw new ChatError('INTERNAL', { message: 'A presence version is no number.' });
  return { isOnline: state !== 'OFFLINE', version: number, since };
}
