import {
  asMessageId,
  asRoomId,
  asUserId,
  type MessageDTO,
  type MessageKind,
  type RoomId,
  type SystemNotice,
  type RoomStatus,
  type RoomType,
  type RoomVisibility,
  type UserId,
} from '@chat/dto';
import { Prisma } from '../generated/client.ts';
import type { Room, RoomMetadata } from './room.ts';

/** The key of what belongs to a user in a room. */
export function roomUserKey(roomId: RoomId, userId: UserId) {
  return { roomId: BigInt(roomId), userId: BigInt(userId) };
}

/** Of rows whose `expiresAt` may be null, which is for good: those that have not expired. */
export function unexpiredAt(now: Date) {
  return { OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
}

/** Columns of `chat_rooms` as Prisma hands them over, from a model and from raw SQL alike. */
export interface RoomRow {
  readonly id: bigint;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly visibility: string;
  readonly status: string;
  readonly ownerId: bigint;
  readonly metadata: unknown;
  readonly version: bigint;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function roomOf(row: RoomRow): Room {
  return {
    id: asRoomId(Number(row.id)),
    name: row.name,
    description: row.description,
    type: row.type as RoomType, // these three are held to their values by checks of the table
    visibility: row.visibility as RoomVisibility,
    status: row.status as RoomStatus,
    ownerId: asUserId(Number(row.ownerId)),
    metadata: row.metadata as RoomMetadata, // only objects are written
    version: Number(row.version),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** What `MessageRow` takes of `messages`, and where the record lies, but for the content. */
export const MESSAGE_COLUMNS = Prisma.sql`id, room_id AS "roomId", sender_id AS "senderId", type, kind, system,
  target_id AS "targetId", removed, sent_at AS "sentAt", log_offset AS "logOffset"`;

/** The columns of `messages` that make a MessageDTO. */
export interface MessageRow {
  readonly id: bigint;
  readonly roomId: bigint;
  readonly senderId: bigint;
  readonly content: string;
  readonly type: string;
  readonly kind: string | null;
  readonly system: unknown;
  readonly targetId: bigint | null;
  readonly removed: boolean | null;
  readonly sentAt: Date;
}

export function messageOf(row: MessageRow): MessageDTO {
  return {
    id: asMessageId(Number(row.id)),
    senderId: asUserId(Number(row.senderId)),
    roomId: asRoomId(Number(row.roomId)),
    content: row.content,
    type: row.type as RoomType, // only decoded messages are stored
    timestamp: row.sentAt.toISOString(),
    ...(row.system !== null && { system: row.system as SystemNotice }), // as above
    ...aboutOf(row),
  };
}

/** What a message says of itself and of the one that it changes; nothing of a text. */
export function aboutOf({
  kind,
  targetId,
  removed,
}: Pick<MessageRow, 'kind' | 'targetId' | 'removed'>): Pick<MessageDTO, 'kind' | 'targetId' | 'removed'> {
  return {
    ...(kind !== null && { kind: kind as MessageKind }), // only decoded messages are stored
    ...(targetId !== null && { targetId: asMessageId(Number(targetId)) }),
    ...(removed === true && { removed: true }),
  };
}

/** How message-persister stores a client message id that no index holds. */
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** A client message id as its sender wrote it; null where that is not stored. */
export function ownNameOf(clientMessageId: string | null): string | null {
  return clientMessageId === null || DIGEST.test(clientMessageId) ? null : clientMessageId;
}
