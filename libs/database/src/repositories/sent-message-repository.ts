import {
  asMessageId,
  asRoomId,
  asUserId,
  type MessageId,
  type MessageReach,
  type RoomId,
  type UserId,
} from '@chat/dto';
import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';
import { ownNameOf } from './rows.ts';

/** Messages of a user in a room behind one of its numbers. */
export interface SentStretch {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly afterSeq: number;
}

/** A stored message with how far it has come. */
export interface SentMessageReach extends MessageReach {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly messageId: MessageId;
  /** Null where it has none, or one that is stored as its digest. */
  readonly clientMessageId: string | null;
  readonly seq: number;
}

/** A message by its id, or by the name that its sender gave it, which is for ever the first one's. */
export interface SentMessageKey {
  readonly roomId: RoomId;
  readonly senderId: UserId;
  readonly messageId: MessageId;
  readonly clientMessageId: string | null;
}

interface ReachRow {
  readonly roomId: bigint;
  readonly senderId: bigint;
  readonly id: bigint;
  readonly seq: bigint;
  readonly clientMessageId: string | null;
  readonly recipientCount: bigint;
  readonly deliveredCount: bigint;
  readonly readCount: bigint;
}

export type SentMessageRepository = ReturnType<typeof createSentMessageRepository>;

/** What senders ask of the rows: whether a message is stored, and what became of it. */
export function createSentMessageRepository(sql: Sql) {
  return {
    /**
     * How far the newest `maxMessages` of each stretch have come, in room order, for many stretches at once. Recipients are those
     * of `findDelivery`; what was read counts as delivered. No room twice for the same user. The members of a room are passed
     * once, however many senders and messages it is about: each falls between two of the messages by where it joined, and by
     * where its marks stand, and what is asked for are the sums below each message.
     */
    async listReach(stretches: readonly SentStretch[], maxMessages: number): Promise<readonly SentMessageReach[]> {
      if (stretches.length === 0) return [];
      const rooms = stretches.map(({ roomId }) => BigInt(roomId));
      const users = stretches.map(({ userId }) => BigInt(userId));
      const seqs = stretches.map(({ afterSeq }) => BigInt(afterSeq));
      const rows = await sql.$queryRaw<readonly ReachRow[]>`
        WITH stretches AS MATERIALIZED (
          SELECT s.room_id, s.user_id, s.after_seq, m.user_id IS NOT NULL AS is_member, p.joined, p.delivered, p.read
          FROM unnest(${rooms}::bigint[], ${users}::bigint[], ${seqs}::bigint[]) AS s (room_id, user_id, after_seq)
          LEFT JOIN memberships AS m ON m.room_id = s.room_id AND m.user_id = s.user_id
          LEFT JOIN receipt_marks AS k ON k.room_id = s.room_id AND k.user_id = s.user_id
          CROSS JOIN LATERAL (${PLACES_OF_MEMBER}) AS p
        ), sent AS MATERIALIZED (
          SELECT x.*, row_number() OVER (PARTITION BY x.room_id ORDER BY x.place) AS rank,
            (s.is_member AND s.joined < x.place)::int AS own,
            (s.is_member AND s.joined < x.place AND s.delivered >= x.place)::int AS own_delivered,
            (s.is_member AND s.joined < x.place AND s.read >= x.place)::int AS own_read
          FROM stretches AS s
          CROSS JOIN LATERAL (
            SELECT room_id, sender_id, id, seq, (epoch::bigint << 48) + log_offset AS place, client_message_id FROM messages
            WHERE room_id = s.room_id AND sender_id = s.user_id AND seq > s.after_seq AND kind IS NULL
            ORDER BY seq DESC LIMIT ${maxMessages}
          ) AS x
        ), rooms AS MATERIALIZED (
          SELECT room_id, array_agg(place ORDER BY place) AS places FROM sent GROUP BY room_id
        ), members AS MATERIALIZED (
          SELECT r.room_id, width_bucket(p.joined, r.places) AS joined, width_bucket(p.delivered, r.places) AS delivered,
            width_bucket(p.read, r.places) AS read
          FROM rooms AS r
          JOIN memberships AS m ON m.room_id = r.room_id
          LEFT JOIN receipt_marks AS k ON k.room_id = m.room_id AND k.user_id = m.user_id
          CROSS JOIN LATERAL (${PLACES_OF_MEMBER}) AS p
        ), counted (room_id, rank, joined, undelivered, unread) AS (
          SELECT room_id, joined + 1, count(*), 0, 0 FROM members GROUP BY room_id, joined
          UNION ALL SELECT room_id, delivered + 1, 0, count(*), 0 FROM members GROUP BY room_id, delivered
          UNION ALL SELECT room_id, read + 1, 0, 0, count(*) FROM members GROUP BY room_id, read
          UNION ALL SELECT room_id, rank, 0, 0, 0 FROM sent
        ), below AS MATERIALIZED (
          SELECT room_id, rank, sum(sum(joined)) OVER up_to AS joined, sum(sum(undelivered)) OVER up_to AS undelivered,
            sum(sum(unread)) OVER up_to AS unread
          FROM counted GROUP BY room_id, rank WINDOW up_to AS (PARTITION BY room_id ORDER BY rank)
        )
        SELECT x.room_id AS "roomId", x.sender_id AS "senderId", x.id, x.seq, x.client_message_id AS "clientMessageId",
          (b.joined - x.own)::bigint AS "recipientCount",
          (b.joined - b.undelivered - x.own_delivered)::bigint AS "deliveredCount",
          (b.joined - b.unread - x.own_read)::bigint AS "readCount"
        FROM sent AS x JOIN below AS b ON b.room_id = x.room_id AND b.rank = x.rank
        ORDER BY x.room_id, x.sender_id, x.seq`;
      return rows.map(reachOf);
    },

    /** Ids of those of the messages that are stored, in their order; undefined for the others. */
    async findStoredIds(keys: readonly SentMessageKey[]): Promise<readonly (MessageId | undefined)[]> {
      const rows = await sql.$queryRaw<readonly { at: bigint; id: bigint }[]>`
        SELECT s.at, coalesce(named.id, own.id) AS id
        FROM unnest(
          ${keys.map(({ roomId }) => BigInt(roomId))}::bigint[], ${keys.map(({ senderId }) => BigInt(senderId))}::bigint[],
          ${keys.map(({ messageId }) => BigInt(messageId))}::bigint[], ${keys.map((key) => key.clientMessageId)}::text[]
        ) WITH ORDINALITY AS s (room_id, sender_id, id, name, at)
        LEFT JOIN messages AS named ON named.room_id = s.room_id AND named.sender_id = s.sender_id
          AND named.client_message_id = s.name
        LEFT JOIN LATERAL (
          SELECT id FROM messages WHERE room_id = s.room_id AND id = s.id AND sender_id = s.sender_id LIMIT 1
        ) AS own ON true
        WHERE named.id IS NOT NULL OR own.id IS NOT NULL`;
      const found = new Map(rows.map(({ at, id }) => [Number(at), asMessageId(Number(id))]));
      return keys.map((_, index) => found.get(index + 1));
    },
  };
}

/**
 * Where a member `m` with its marks `k` joined and stands, as one number each that sorts like the places in the log: offsets are
 * far below 2^48, and epochs, which are numbered one by one, below 2^15. Marks from before the joining count as none.
 */
const PLACES_OF_MEMBER = Prisma.sql`
  SELECT joined, greatest(joined, marked_delivered, marked_read) AS delivered, greatest(joined, marked_read) AS read
  FROM (
    SELECT coalesce((m.joined_epoch::bigint << 48) + m.joined_offset, -1) AS joined,
      (k.delivered_epoch::bigint << 48) + k.delivered_offset AS marked_delivered,
      (k.read_epoch::bigint << 48) + k.read_offset AS marked_read
  ) AS each_place`;

function reachOf(row: ReachRow): SentMessageReach {
  return {
    roomId: asRoomId(Number(row.roomId)),
    userId: asUserId(Number(row.senderId)),
    messageId: asMessageId(Number(row.id)),
    clientMessageId: ownNameOf(row.clientMessageId),
    seq: Number(row.seq),
    recipientCount: Number(row.recipientCount),
    deliveredCount: Number(row.deliveredCount),
    readCount: Number(row.readCount),
  };
}
