import type { RoomId, UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';

/** An erasure that was asked for, and how long ago the user's sessions were ended for it, by Postgres's clock; null: not yet. */
export interface RequestedErasure {
  readonly requestedAt: Date;
  readonly sessionsEndedMsAgo: number | null;
}

/** What a SYSTEM message says instead of the name of who left; readers go by its `system`. */
const NAMELESS_NOTICE = 'A member left the room or was removed.';

export type ErasureRepository = ReturnType<typeof createErasureRepository>;

/**
 * Erases what a user has written and what is known of them, some rows a statement, so that none runs long. Rows of messages stay
 * at their places without their content: order, numbers, positions and what is unread do not move. Raw SQL for its conditions in
 * one statement each; all of it may be repeated, and goes on where it was.
 */
export function createErasureRepository(sql: Sql) {
  return {
    /** Begins an erasure, or goes on with one that is not complete. */
    async request(userId: UserId): Promise<RequestedErasure> {
      const [row] = await sql.$queryRaw<readonly RequestedErasure[]>`
        INSERT INTO erasures AS e (user_id, requested_at) VALUES (${BigInt(userId)}, now())
        ON CONFLICT (user_id) DO UPDATE
        SET requested_at = CASE WHEN e.completed_at IS NULL THEN e.requested_at ELSE now() END,
          sessions_ended_at = CASE WHEN e.completed_at IS NULL THEN e.sessions_ended_at END, completed_at = NULL
        RETURNING requested_at AS "requestedAt",
          (extract(epoch FROM clock_timestamp() - sessions_ended_at) * 1000)::float8 AS "sessionsEndedMsAgo"`;
      if (row === undefined) throw new TypeError('an upsert has returned no row');
      return row;
    },

    /** The user's sessions end from now on; what was said of it before counts no more. */
    async noteSessionsEnded(userId: UserId): Promise<void> {
      await sql.$executeRaw`
        UPDATE erasures SET sessions_ended_at = clock_timestamp() WHERE user_id = ${BigInt(userId)}`;
    },

    async complete(userId: UserId): Promise<void> {
      await sql.$executeRaw`UPDATE erasures SET completed_at = now() WHERE user_id = ${BigInt(userId)}`;
    },

    /** The content of up to `limit` texts, in whichever rooms; returns how many. */
    async eraseTexts(userId: UserId, limit: number): Promise<number> {
      const [row] = await sql.$queryRaw<readonly { count: bigint }[]>`
        WITH own AS MATERIALIZED (
          SELECT m.* FROM sender_counters AS c CROSS JOIN LATERAL (
            SELECT room_id, epoch, log_offset, seq FROM messages
            WHERE room_id = c.room_id AND sender_id = c.user_id AND seq > coalesce(c.erased_seq, 0) ORDER BY seq LIMIT ${limit}
          ) AS m WHERE c.user_id = ${BigInt(userId)} LIMIT ${limit}
        ), erased AS (
          UPDATE messages AS m SET content = '', erased_at = now(),
            client_message_id = CASE WHEN event_id IS NULL THEN client_message_id END -- one name is left to know repeats by
          FROM own AS o WHERE m.room_id = o.room_id AND m.epoch = o.epoch AND m.log_offset = o.log_offset
        ), gone_up_to AS (
          UPDATE sender_counters AS c SET erased_seq = o.seq
          FROM (SELECT room_id, max(seq) AS seq FROM own GROUP BY room_id) AS o
          WHERE c.room_id = o.room_id AND c.user_id = ${BigInt(userId)}
        )
        SELECT count(*) FROM own`;
      return Number(row?.count ?? 0n);
    },

    /** The content of up to `limit` edits and reactions, which are taken back, and of SYSTEM messages by the user. */
    async eraseChanges(userId: UserId, limit: number): Promise<number> {
      const [row] = await sql.$queryRaw<readonly { count: bigint }[]>`
        WITH own AS MATERIALIZED (
          SELECT room_id, epoch, log_offset, kind, target_id, content FROM messages
          WHERE sender_id = ${BigInt(userId)} AND seq IS NULL AND erased_at IS NULL ORDER BY room_id, epoch, log_offset LIMIT ${limit}
        ), erased AS (
          UPDATE messages AS m SET erased_at = now(),
            content = CASE WHEN m.kind = 'SYSTEM' THEN ${NAMELESS_NOTICE} ELSE '' END,
            removed = CASE WHEN m.kind = 'REACTION' THEN true ELSE m.removed END,
            client_message_id = CASE WHEN event_id IS NULL THEN client_message_id END
          FROM own AS o WHERE m.room_id = o.room_id AND m.epoch = o.epoch AND m.log_offset = o.log_offset
        ), taken_back AS (
          DELETE FROM reactions AS r USING own AS o
          WHERE o.kind = 'REACTION' AND r.room_id = o.room_id AND r.target_id = o.target_id AND r.content = o.content
            AND r.user_id = ${BigInt(userId)}
          RETURNING r.room_id, r.target_id, r.content
        ), fewer AS (
          UPDATE reaction_counts AS c SET user_count = c.user_count - 1 FROM taken_back AS t
          WHERE c.room_id = t.room_id AND c.target_id = t.target_id AND c.content = t.content
        )
        SELECT count(*) FROM own`;
      return Number(row?.count ?? 0n);
    },

    /** The name in up to `limit` SYSTEM messages that tell of the user. */
    async eraseNotices(userId: UserId, limit: number): Promise<number> {
      return sql.$executeRaw`
        UPDATE messages SET content = ${NAMELESS_NOTICE} WHERE (room_id, epoch, log_offset) IN (
          SELECT room_id, epoch, log_offset FROM messages
          WHERE kind = 'SYSTEM' AND system->>'userId' = ${String(userId)} AND content <> ${NAMELESS_NOTICE} LIMIT ${limit}
        )`;
    },

    /** Up to `limit` times that rooms were last seen. */
    async eraseLastSeen(userId: UserId, limit: number): Promise<number> {
      return sql.$executeRaw`
        DELETE FROM last_seen WHERE user_id = ${BigInt(userId)} AND room_id IN (
          SELECT room_id FROM last_seen WHERE user_id = ${BigInt(userId)} LIMIT ${limit}
        )`;
    },

    /**
     * The username, invitations to and by the user, reasons of bans of and by the user, and commands that wait for them, of which is
     * kept that they need not be delivered any more. Few rows of any user.
     */
    async eraseIdentity(userId: UserId): Promise<number> {
      const id = BigInt(userId);
      return sql.$executeRaw`
        WITH named AS (DELETE FROM users WHERE id = ${id} RETURNING 1),
        invited AS (DELETE FROM invitations WHERE user_id = ${id} OR invited_by = ${id} RETURNING 1),
        banned AS (
          UPDATE bans SET reason = NULL WHERE (user_id = ${id} OR banned_by = ${id}) AND reason IS NOT NULL RETURNING 1
        ),
        commanded AS (
          UPDATE kept_commands SET command = NULL, delivered_at = coalesce(delivered_at, now())
          WHERE target = ${`user:${userId}`} AND command IS NOT NULL RETURNING 1
        )
        SELECT 1 FROM named UNION ALL SELECT 1 FROM invited UNION ALL SELECT 1 FROM banned UNION ALL SELECT 1 FROM commanded`;
    },

    /** Of a DIRECT room, whose it was: the two may make another. Under the lock of the room's row. */
    async forgetPair(roomId: RoomId): Promise<void> {
      await sql.$executeRaw`
        UPDATE chat_rooms SET direct_low_user_id = NULL, direct_high_user_id = NULL WHERE id = ${BigInt(roomId)}`;
    },
  };
}
