import type { DatabaseUnderTest } from '@chat/testing';

/** Public rooms with the ids from 1 up to so many, without members. */
export async function insertRooms(database: DatabaseUnderTest, roomCount: number): Promise<void> {
  await database.query(
    `INSERT INTO chat_rooms (id, name, description, type, visibility, status, owner_id, metadata, version,
       last_activity_at, created_at, updated_at)
     SELECT n, 'room ' || n, '', 'GROUP', 'PUBLIC', 'ACTIVE', 1, '{}', 1, now(), now(), now()
     FROM generate_series(1, $1::int) AS n`,
    [roomCount],
  );
}
