import type { RoomId, RoomStatus, RoomType, RoomVisibility, UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { Sql } from '../connection.ts';
import type { Prisma } from '../generated/client.ts';
import type { Page, PageRequest, Room, RoomMetadata } from './room.ts';
import { roomOf, type RoomRow } from './rows.ts';

export interface NewRoom {
  readonly name: string;
  readonly description: string;
  readonly type: RoomType;
  readonly visibility: RoomVisibility;
  readonly ownerId: UserId;
  readonly metadata: RoomMetadata;
  readonly at: Date;
}

export interface NewDirectRoom {
  /** Who asked for the room; becomes its owner. */
  readonly ownerId: UserId;
  readonly otherUserId: UserId;
  readonly at: Date;
}

/** What may change in a room; what is left out stays. */
export interface RoomChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly metadata?: RoomMetadata | undefined;
  readonly status?: RoomStatus | undefined;
  readonly ownerId?: UserId | undefined;
}

export type RoomRepository = ReturnType<typeof createRoomRepository>;

/** Rooms. A new room has version 1. */
export function createRoomRepository(sql: Sql) {
  const findRoom = async (roomId: RoomId): Promise<Room | null> => {
    const row = await sql.chatRoom.findUnique({ where: { id: BigInt(roomId) } });
    return row === null ? null : roomOf(row);
  };

  return {
    findRoom,

    /** Throws ROOM_NOT_FOUND. */
    async getRoom(roomId: RoomId): Promise<Room> {
      return found(await findRoom(roomId));
    },

    /**
     * The room with its row locked until the transaction ends, so that changes of one room happen one after another.
     * Throws ROOM_NOT_FOUND. Only inside a transaction.
     */
    async getRoomForUpdate(roomId: RoomId): Promise<Room> {
      const [row] = await sql.$queryRaw<readonly RoomRow[]>`
        SELECT id, name, description, type, visibility, status, owner_id AS "ownerId", metadata, version,
          created_at AS "createdAt", updated_at AS "updatedAt"
        FROM chat_rooms WHERE id = ${BigInt(roomId)} FOR UPDATE`;
      return found(row === undefined ? null : roomOf(row));
    },

    async createRoom(room: NewRoom): Promise<Room> {
      return roomOf(await sql.chatRoom.create({ data: rowOf(room) }));
    },

    /** The new room, or null where this pair has one: of concurrent callers exactly one gets a room. */
    async createDirectRoom({ ownerId, otherUserId, at }: NewDirectRoom): Promise<Room | null> {
      const [low, high] = pairOf(ownerId, otherUserId);
      const rows = await sql.$queryRaw<readonly { id: bigint }[]>`
        INSERT INTO chat_rooms (name, description, type, visibility, status, owner_id, metadata, version,
          last_activity_at, direct_low_user_id, direct_high_user_id, created_at, updated_at)
        VALUES (${`direct-${low}-${high}`}, '', 'DIRECT', 'PRIVATE', 'ACTIVE', ${BigInt(ownerId)}, '{}', 1,
          ${at}, ${low}, ${high}, ${at}, ${at})
        ON CONFLICT (direct_low_user_id, direct_high_user_id) DO NOTHING
        RETURNING id`;
      const [row] = rows;
      return row === undefined ? null : roomOf(await sql.chatRoom.findUniqueOrThrow({ where: { id: row.id } }));
    },

    async findDirectRoom(userId: UserId, otherUserId: UserId): Promise<Room | null> {
      const [directLowUserId, directHighUserId] = pairOf(userId, otherUserId);
      const row = await sql.chatRoom.findUnique({
        where: { directLowUserId_directHighUserId: { directLowUserId, directHighUserId } },
      });
      return row === null ? null : roomOf(row);
    },

    /** Changes the room and raises its version. The caller holds the row's lock. */
    async saveRoom(roomId: RoomId, { ownerId, metadata, ...change }: RoomChange, at: Date): Promise<Room> {
      const row = await sql.chatRoom.update({
        where: { id: BigInt(roomId) },
        data: {
          ...definedOf(change),
          ...(ownerId !== undefined && { ownerId: BigInt(ownerId) }),
          ...(metadata !== undefined && { metadata: jsonOf(metadata) }),
          version: { increment: 1 },
          updatedAt: at,
        },
      });
      return roomOf(row);
    },

    /** Raises the version for a change of the members, and returns it. The caller holds the row's lock. */
    async raiseVersion(roomId: RoomId): Promise<number> {
      const row = await sql.chatRoom.update({
        where: { id: BigInt(roomId) },
        data: { version: { increment: 1 } },
        select: { version: true },
      });
      return Number(row.version);
    },

    /** Public rooms that are not archived, newest first. */
    async listPublicRooms({ page, size }: PageRequest): Promise<Page<Room>> {
      const where = { visibility: 'PUBLIC', status: 'ACTIVE' };
      const rows: RoomRow[] = await sql.chatRoom.findMany({
        where,
        orderBy: { id: 'desc' },
        skip: page * size,
        take: size,
      });
      return { items: rows.map(roomOf), totalCount: await sql.chatRoom.count({ where }) };
    },
  };
}

function found(room: Room | null): Room {
  if (room === null) throw new ChatError('ROOM_NOT_FOUND');
  return room;
}

function rowOf({ name, description, type, visibility, ownerId, metadata, at }: NewRoom) {
  return {
    name,
    description,
    type,
    visibility,
    status: 'ACTIVE',
    ownerId: BigInt(ownerId),
    metadata: jsonOf(metadata),
    version: 1n,
    lastActivityAt: at,
    createdAt: at,
    updatedAt: at,
  };
}

function jsonOf(metadata: RoomMetadata): Prisma.InputJsonObject {
  return metadata as Prisma.InputJsonObject; // validated as JSON at the edge
}

function pairOf(one: UserId, other: UserId): [low: bigint, high: bigint] {
  return one < other ? [BigInt(one), BigInt(other)] : [BigInt(other), BigInt(one)];
}

function definedOf(change: Omit<RoomChange, 'ownerId' | 'metadata'>) {
  const { name, description, status } = change;
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(status !== undefined && { status }),
  };
}
