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
     * of `findDelivery`; what was read counts as delivered. No room twice for the same user.
     */
    async listReach(stretches: readonly SentStretch[], maxMessages: number): Promise<readonly SentMessageReach[]> {
      if (stretches.length === 0) return [];
      const rooms = stretches.map(({ roomId }) => BigInt(roomId));
      const users = stretches.map(({ userId }) => BigInt(userId));
      const seqs = stretches.map(({ afterSeq }) => BigInt(afterSeq));
      const rows = await sql.$queryRaw<readonly ReachRow[]>`
        WITH sent AS MATERIALIZED (
          SELECT x.* FROM unnest(${rooms}::bigint[], ${users}::bigint[], ${seqs}::bigint[]) AS s (room_id, user_id, after_seq)
          CROSS JOIN LATERAL (
            SELECT room_id, sender_id, id, seq, epoch, log_offset, client_message_id FROM messages
            WHERE room_id = s.room_id AND sender_id = s.user_id AND seq > s.after_seq AND kind IS NULL
            ORDER BY seq DESC LIMIT ${maxMessages}
          ) AS x
        ), members AS MATERIALIZED (
          SELECT m.room_id, m.user_id, coalesce(m.joined_epoch, -1) AS joined_epoch, coalesce(m.joined_offset, -1) AS joined_offset,
            k.delivered_epoch, k.delivered_offset, k.read_epoch, k.read_offset
          FROM memberships AS m
          LEFT JOIN receipt_marks AS k ON k.room_id = m.room_id AND k.user_id = m.user_id
          WHERE m.room_id IN (SELECT room_id FROM sent)
        )
        SELECT x.room_id AS "roomId", x.sender_id AS "senderId", x.id, x.seq, x.client_message_id AS "clientMessageId",
          count(r.user_id) AS "recipientCount",
          count(r.user_id) FILTER (WHERE (r.delivered_epoch, r.delivered_offset) >= (x.epoch, x.log_offset)
            OR (r.read_epoch, r.read_offset) >= (x.epoch, x.log_offset)) AS "deliveredCount",
          count(r.user_id) FILTER (WHERE (r.read_epoch, r.read_offset) >= (x.epoch, x.log_offset)) AS "readCount"
        FROM sent AS x
        LEFT JOIN members AS r ON r.room_id = x.room_id AND r.user_id <> x.sender_id
          AND (r.joined_epoch, r.joined_offset) < (x.epoch, x.log_offset)
        GROUP BY x.room_id, x.sender_id, x.id, x.seq, x.client_message_id
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
