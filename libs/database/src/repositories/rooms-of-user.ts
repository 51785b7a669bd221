import type { HistoryMessageDTO, UserId } from '@chat/dto';
import type { Sql } from '../connection.ts';
import { DELETION, EDITION, historyMessageOf, STATE_COLUMNS, type StateRow } from './message-state.ts';
import type { Page, PageRequest, RoomOfUser } from './room.ts';
import { roomOf, type RoomRow } from './rows.ts';
import { UNREAD_COUNT, UNREAD_TABLES } from './unread-repository.ts';

/** Columns of the newest message, null where the room has none, and what is unread. */
interface LastMessageColumns {
  readonly unreadCount: bigint;
  readonly lastId: bigint | null;
  readonly lastSenderId: bigint;
  /** As the history shows it: the newest, or none of a deleted message. */
  readonly content: string;
  readonly lastType: string;
  readonly lastKind: string | null;
  readonly lastSystem: unknown;
  readonly lastSentAt: Date;
  readonly deletedAt: Date | null;
  readonly editedAt: Date | null;
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
          m.id AS "lastId", m.sender_id AS "lastSenderId", m.type AS "lastType", m.kind AS "lastKind",
          m.system AS "lastSystem", m.sent_at AS "lastSentAt", ${STATE_COLUMNS}, ${UNREAD_COUNT} AS "unreadCount"
        FROM memberships AS own
        JOIN chat_rooms AS r ON r.id = own.room_id
        LEFT JOIN LATERAL (
          SELECT * FROM messages WHERE room_id = r.id AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1
        ) AS m ON true
        ${DELETION} ${EDITION}
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

function lastMessageOf(row: RoomRow & LastMessageColumns): HistoryMessageDTO | null {
  const { lastId: id, content, deletedAt, editedAt } = row;
  if (id === null) return null;
  const message: StateRow = {
    id,
    roomId: row.id,
    senderId: row.lastSenderId,
    content,
    type: row.lastType,
    kind: row.lastKind,
    system: row.lastSystem,
    targetId: null,
    removed: null,
    sentAt: row.lastSentAt,
    deletedAt,
    editedAt,
  };
  return historyMessageOf(message);
}
