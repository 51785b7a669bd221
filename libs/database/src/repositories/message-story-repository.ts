import {
  asMessageId,
  asRoomId,
  asUserId,
  type LogPosition,
  type MessageId,
  type MessageKind,
  type MessageReach,
  type RoomId,
  type UserId,
} from '@chat/dto';
import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';
import { ownNameOf } from './rows.ts';

/** The name that a sender gave a message in a room. */
export interface MessageName {
  readonly roomId: RoomId;
  readonly senderId: UserId;
  readonly clientMessageId: string;
}

/** What the row of a message says of its way, and what became of it with its recipients. */
export interface StoredStory {
  readonly messageId: MessageId;
  readonly roomId: RoomId;
  readonly senderId: UserId;
  /** Null where it has none, or one that is stored as its digest. */
  readonly clientMessageId: string | null;
  /** Null for text. */
  readonly kind: MessageKind | null;
  readonly position: LogPosition;
  readonly sentAt: Date;
  readonly storedAt: Date;
  readonly recipients: MessageReach;
}

interface StoryRow {
  readonly id: bigint;
  readonly roomId: bigint;
  readonly senderId: bigint;
  readonly clientMessageId: string | null;
  readonly kind: string | null;
  readonly epoch: number;
  readonly partition: number;
  readonly logOffset: bigint;
  readonly sentAt: Date;
  readonly storedAt: Date;
  readonly recipientCount: bigint;
  readonly deliveredCount: bigint;
  readonly readCount: bigint;
}

export type MessageStoryRepository = ReturnType<typeof createMessageStoryRepository>;

/** The way of one message, for who looks into it; nothing of its content. */
export function createMessageStoryRepository(sql: Sql) {
  const find = async (isWanted: Prisma.Sql): Promise<StoredStory | null> => {
    const [row] = await sql.$queryRaw<readonly StoryRow[]>`
      SELECT x.id, x.room_id AS "roomId", x.sender_id AS "senderId", x.client_message_id AS "clientMessageId", x.kind,
        x.epoch, x.partition, x.log_offset AS "logOffset", x.sent_at AS "sentAt", x.stored_at AS "storedAt", reach.*
      FROM (SELECT * FROM messages WHERE ${isWanted} ORDER BY epoch, log_offset LIMIT 1) AS x
      CROSS JOIN LATERAL (
        SELECT count(*) AS "recipientCount",
          count(*) FILTER (WHERE (k.delivered_epoch, k.delivered_offset) >= (x.epoch, x.log_offset)
            OR (k.read_epoch, k.read_offset) >= (x.epoch, x.log_offset)) AS "deliveredCount",
          count(*) FILTER (WHERE (k.read_epoch, k.read_offset) >= (x.epoch, x.log_offset)) AS "readCount"
        FROM memberships AS m
        LEFT JOIN receipt_marks AS k ON k.room_id = m.room_id AND k.user_id = m.user_id
        WHERE m.room_id = x.room_id AND m.user_id <> x.sender_id
          AND (coalesce(m.joined_epoch, -1), coalesce(m.joined_offset, -1)) < (x.epoch, x.log_offset)
      ) AS reach`;
    return row === undefined ? null : storyOf(row);
  };

  return {
    /** By its id, in whichever room; where foreign producers used an id twice, the first. */
    findById: (messageId: MessageId): Promise<StoredStory | null> => find(Prisma.sql`id = ${BigInt(messageId)}`),

    /** By the name that its sender gave it. */
    findByName: ({ roomId, senderId, clientMessageId }: MessageName): Promise<StoredStory | null> =>
      find(
        Prisma.sql`room_id = ${BigInt(roomId)} AND sender_id = ${BigInt(senderId)} AND client_message_id = ${clientMessageId}`,
      ),
  };
}

function storyOf(row: StoryRow): StoredStory {
  return {
    messageId: asMessageId(Number(row.id)),
    roomId: asRoomId(Number(row.roomId)),
    senderId: asUserId(Number(row.senderId)),
    clientMessageId: ownNameOf(row.clientMessageId),
    kind: row.kind as MessageKind | null, // only decoded messages are stored
    position: { epoch: row.epoch, partition: row.partition, offset: Number(row.logOffset) },
    sentAt: row.sentAt,
    storedAt: row.storedAt,
    recipients: {
      recipientCount: Number(row.recipientCount),
      deliveredCount: Number(row.deliveredCount),
      readCount: Number(row.readCount),
    },
  };
}
