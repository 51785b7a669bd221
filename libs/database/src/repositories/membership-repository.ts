import {
  asRoomId,
  asUserId,
  type MemberRole,
  type RoomId,
  type RoomStatus,
  type RoomType,
  type RoomVisibility,
  type UserId,
} from '@chat/dto';
import type { Sql } from '../connection.ts';
import { Prisma } from '../generated/client.ts';

/** What a gateway needs of a room. `version` is the room's; events with an older one are known already. */
export interface RoomState {
  readonly roomId: RoomId;
  readonly roomType: RoomType;
  readonly roomStatus: RoomStatus;
  readonly visibility: RoomVisibility;
  readonly roomVersion: number;
}

/** A user's place in a room. */
export interface MembershipView extends RoomState {
  readonly role: MemberRole;
  /** The room's version that made or last changed this membership. */
  readonly version: number;
}

/** All members of a room at one version of it. */
export interface MembersAtVersion {
  readonly roomVersion: number;
  readonly userIds: readonly UserId[];
}

/** How one user stands to one room. A private room shows itself to members and the invited only. */
export interface RoomAccess extends RoomState {
  readonly role: MemberRole | null;
  /** By an invitation that has not expired. */
  readonly isInvited: boolean;
  /** By a ban that has not expired. */
  readonly isBanned: boolean;
}

interface RoomStateRow {
  readonly roomId: bigint;
  readonly roomType: string;
  readonly roomStatus: string;
  readonly visibility: string;
  readonly roomVersion: bigint;
}
interface MembershipRow extends RoomStateRow {
  readonly userId: bigint;
  readonly role: string;
  readonly version: bigint;
}

export type MembershipRepository = ReturnType<typeof createMembershipRepository>;

const ROOM_STATE = Prisma.sql`r.id AS "roomId", r.type AS "roomType", r.status AS "roomStatus", r.visibility,
  r.version AS "roomVersion"`;

/** Memberships as the gateways need them: a room and a user's place in it by one statement, so by one snapshot. */
export function createMembershipRepository(sql: Sql) {
  return {
    /** All places of each of these users, in no order; those of a user who has none are left out. */
    async listMembershipsOf(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly MembershipView[]>> {
      const rows = await sql.$queryRaw<readonly MembershipRow[]>`
        SELECT ${ROOM_STATE}, m.user_id AS "userId", m.role, m.version
        FROM memberships AS m JOIN chat_rooms AS r ON r.id = m.room_id
        WHERE m.user_id = ANY(${userIds.map(BigInt)}::bigint[])`;
      const rowsOf = Map.groupBy(rows, ({ userId }) => userId);
      return new Map([...rowsOf].map(([userId, own]) => [asUserId(Number(userId)), own.map(membershipOf)]));
    },

    /** The room and how the user stands to it; null where there is no such room. */
    async findAccess(roomId: RoomId, userId: UserId): Promise<RoomAccess | null> {
      const [row] = await sql.$queryRaw<
        readonly (RoomStateRow & { role: string | null; isInvited: boolean; isBanned: boolean })[]
      >`
        SELECT ${ROOM_STATE}, m.role, i.user_id IS NOT NULL AS "isInvited", b.user_id IS NOT NULL AS "isBanned"
        FROM chat_rooms AS r
        LEFT JOIN memberships AS m ON m.room_id = r.id AND m.user_id = ${BigInt(userId)}
        LEFT JOIN invitations AS i ON i.room_id = r.id AND i.user_id = ${BigInt(userId)}
          AND (i.expires_at IS NULL OR i.expires_at > now())
        LEFT JOIN bans AS b ON b.room_id = r.id AND b.user_id = ${BigInt(userId)}
          AND (b.expires_at IS NULL OR b.expires_at > now())
        WHERE r.id = ${BigInt(roomId)}`;
      if (row === undefined) return null;
      const { isInvited, isBanned } = row;
      return { ...roomStateOf(row), role: row.role as MemberRole | null, isInvited, isBanned }; // held to its values by a check of the table
    },

    /** Empty where there is no such room. */
    async listMemberIds(roomId: RoomId): Promise<readonly UserId[]> {
      const rows = await sql.membership.findMany({ where: { roomId: BigInt(roomId) }, select: { userId: true } });
      return rows.map(({ userId }) => asUserId(Number(userId)));
    },

    /** The members and the room's version of the same instant; null where there is no such room. */
    async findMembersAtVersion(roomId: RoomId): Promise<MembersAtVersion | null> {
      const [row] = await sql.$queryRaw<readonly { version: bigint; userIds: readonly bigint[] }[]>`
        SELECT r.version, ARRAY(SELECT m.user_id FROM memberships AS m WHERE m.room_id = r.id) AS "userIds"
        FROM chat_rooms AS r WHERE r.id = ${BigInt(roomId)}`;
      if (row === undefined) return null;
      return { roomVersion: Number(row.version), userIds: row.userIds.map((id) => asUserId(Number(id))) };
    },
  };
}

function roomStateOf(row: RoomStateRow): RoomState {
  return {
    roomId: asRoomId(Number(row.roomId)),
    roomType: row.roomType as RoomType, // these are held to their values by checks of the table
    roomStatus: row.roomStatus as RoomStatus,
    visibility: row.visibility as RoomVisibility,
    roomVersion: Number(row.roomVersion),
  };
}

function membershipOf(row: MembershipRow): MembershipView {
  return { ...roomStateOf(row), role: row.role as MemberRole, version: Number(row.version) }; // as above
}
