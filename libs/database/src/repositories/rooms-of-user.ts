import type { MessageDTO, UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';
import type { Page, PageRequest, RoomOfUser } from './room.ts';
import { messageOf, roomOf, type MessageRow, type RoomRow } from './rows.ts';
import { UNREAD_COUNT, UNREAD_TABLES } from './unread-repository.ts';

/** Columns of the newest message, null where the room has none, and what is unread. */
interface LastMessageColumns {
  readonly unreadCount: bigint;
  readonly lastId: bigint | null;
  readonly lastSenderId: bigint;
  readonly lastContent: string;
  readonly lastType: string;
  readonly lastKind: string | null;
  readonly lastSystem: unknown;
  readonly lastSentAt: Date;
}

export type RoomsOfUserRepository = ReturnType<typeof createRoomsOfUserRepository>;

/** The rooms that a user is a member of. */
export function createRoomsOfUserRepository(sql: Sql) {
  return {
    /**
     * Rooms of the user, archived ones too, newest activity first: when the newest message was stored, else when the room
     * was made. Raw SQL, since the newest message of every room comes from one index look-up each.
     */
    async listRoomsOf(userId: UserId, { page, size }: PageRequest): Promise<Page<RoomOfUser>> {
      const rows = await sql.$queryRaw<readonly (RoomRow & LastMessageColumns)[]>`
        SELECT r.id, r.name, r.description, r.type, r.visibility, r.status, r.owner_id AS "ownerId", r.metadata,
          r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt",
          m.id AS "lastId", m.sender_id AS "lastSenderId", m.content AS "lastContent", m.type AS "lastType",
          m.kind AS "lastKind", m.system AS "lastSystem", m.sent_at AS "lastSentAt",
          ${UNREAD_COUNT} AS "unreadCount"
        FROM memberships AS own
        JOIN chat_rooms AS r ON r.id = own.room_id
        LEFT JOIN LATERAL (
          SELECT * FROM messages WHERE room_id = r.id AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1
        ) AS m ON true
        ${UNREAD_TABLES}
        WHERE own.user_id = ${BigInt(userId)}
        ORDER BY greatest(r.last_activity_at, m.stored_at) DESC, r.id DESC
        LIMIT ${size} OFFSET ${BigInt(page) * BigInt(size)}`;
      const totalCount = await sql.membership.count({ where: { userId: BigInt(userId) } });
      return { items: rows.map(roomOfUserOf), totalCount };
    },
  };
}

function roomOfUserOf(row: RoomRow & LastMessageColumns): RoomOfUser {
  return { room: roomOf(row), lastMessage: lastMessageOf(row), unreadCount: Number(row.unreadCount) };
}

function lastMessageOf(row: RoomRow & LastMessageColumns): MessageDTO | null {
  const { lastId: id } = row;
  if (id === null) return null;
  const message: MessageRow = {
    id,
    roomId: row.id,
    senderId: row.lastSenderId,
    content: row.lastContent,
    type: row.lastType,
    kind: row.lastKind,
    system: row.lastSystem,
    sentAt: row.lastSentAt,
  };
  return messageOf(message);
}
