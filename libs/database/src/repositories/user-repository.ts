import { asUserId, fallbackUsername, type RoomId, type UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';

export type UserRepository = ReturnType<typeof createUserRepository>;

/** Users whose verified tokens were seen. */
export function createUserRepository(sql: Sql) {
  return {
    /**
     * Keeps the usernames of the latest verified tokens; writes only where one is new or another. Answers whose are kept: not those of
     * users whose data are being erased, whose last requests may still be under way.
     */
    async saveUsernames(usernames: ReadonlyMap<UserId, string>, at: Date): Promise<ReadonlySet<UserId>> {
      const rows = await sql.$queryRaw<readonly { id: bigint }[]>`
        WITH kept AS (
          SELECT id, username FROM unnest(${[...usernames.keys()].map(BigInt)}::bigint[], ${[...usernames.values()]}::text[]) AS seen (id, username)
          WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE user_id = seen.id AND completed_at IS NULL)
        ), saved AS (
          INSERT INTO users (id, username, seen_at)
          SELECT id, username, ${at}::timestamptz FROM kept ORDER BY id -- one order for all writers, or two could wait for each other
          ON CONFLICT (id) DO UPDATE SET username = excluded.username, seen_at = excluded.seen_at
          WHERE users.username <> excluded.username
        )
        SELECT id FROM kept`;
      return new Set(rows.map(({ id }) => asUserId(Number(id))));
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

    /** The same of users whom somebody asks for in a room, with the room in one statement; null where there is no such room. */
    async usernamesAskedIn(roomId: RoomId, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, string> | null> {
      const rows = await sql.$queryRaw<readonly { id: bigint | null; username: string | null }[]>`
        SELECT users.id, users.username FROM chat_rooms
          LEFT JOIN users ON users.id = ANY(${userIds.map(BigInt)}::bigint[])
        WHERE chat_rooms.id = ${BigInt(roomId)}`;
      if (rows.length === 0) return null;
      const usernames = new Map(userIds.map((userId) => [userId, fallbackUsername(userId)]));
      for (const { id, username } of rows)
        if (id !== null && username !== null) usernames.set(asUserId(Number(id)), username);
      return usernames;
    },
  };
}
