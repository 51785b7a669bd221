import type { DatabaseUnderTest } from '@chat/testing';

export interface Membership {
  readonly roomId: number;
  readonly userId: number;
}

/** Public rooms with these ids, without members. */
export async function insertRooms(database: DatabaseUnderTest, roomIds: readonly number[]): Promise<void> {
  await database.query(
    `INSERT INTO chat_rooms (id, name, description, type, visibility, status, owner_id, metadata, version,
       last_activity_at, created_at, updated_at)
     SELECT n, 'room ' || n, '', 'GROUP', 'PUBLIC', 'ACTIVE', 1, '{}', 1, now(), now(), now()
     FROM unnest($1::bigint[]) AS n`,
    [roomIds],
  );
}

export async function insertMembers(database: DatabaseUnderTest, members: readonly Membership[]): Promise<void> {
  await database.query(
    `INSERT INTO memberships (room_id, user_id, role, version, joined_at)
     SELECT room_id, user_id, 'MEMBER', 1, now() FROM unnest($1::bigint[], $2::bigint[]) AS m (room_id, user_id)`,
    [members.map(({ roomId }) => roomId), members.map(({ userId }) => userId)],
  );
}
