import { asUserId, fallbackUsername, type UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';

export type UserRepository = ReturnType<typeof createUserRepository>;

/** Users whose verified tokens were seen. */
export function createUserRepository(sql: Sql) {
  return {
    /** Keeps the username of the latest verified token; writes only where it is new or another. */
    async saveUsername(userId: UserId, username: string, at: Date): Promise<void> {
      await sql.$executeRaw`
        INSERT INTO users (id, username, seen_at) VALUES (${BigInt(userId)}, ${username}, ${at})
        ON CONFLICT (id) DO UPDATE SET username = excluded.username, seen_at = excluded.seen_at
        WHERE users.username <> excluded.username`;
    },

    /** The username of each of these users; `user-<id>` where none is known. */
    async usernamesOf(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, string>> {
      const usernames = new Map(userIds.map((userId) => [userId, fallbackUsername(userId)]));
      if (usernames.size === 0) return usernames;
      const rows = await sql.$queryRaw<readonly { id: bigint; username: string }[]>`
        SELECT id, username FROM users WHERE id = ANY(${userIds.map(BigInt)}::bigint[])`;
      for (const { id, username } of rows) usernames.set(asUserId(Number(id)), username);
      return usernames;
    },
  };
}
