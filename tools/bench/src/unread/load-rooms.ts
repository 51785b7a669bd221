import { openDatabase, type ReadMark } from '@chat/database';
import { asRoomId, asUserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { consecutive } from '../consecutive.ts';
import { insertMembers, insertRooms } from '../insert-rooms.ts';

/** Who asks; writes as much as everybody else. */
export const READER_ID = 1;
/** Members of each room, all of whom write in turns. */
export const MEMBER_COUNT = 50;
const MARKS_AT_ONCE = 1_000;

/** Rooms with their messages, and a mark of reading of every member in every room. */
export interface LoadedRooms {
  readonly database: DatabaseUnderTest;
  readonly markCount: number;
  /** How long the storing of all marks took, in ms. */
  readonly markedInMs: number;
}

/** As message-persister leaves them: rows of the rooms mixed, with numbers and counters; marks stored by its own statement. */
export async function loadRooms(templateUrl: string, roomCount: number, messagesARoom: number): Promise<LoadedRooms> {
  const database = await databaseUnderTest(templateUrl);
  try {
    const roomIds = consecutive(roomCount);
    const members = roomIds.flatMap((roomId) => consecutive(MEMBER_COUNT).map((userId) => ({ roomId, userId })));
    await insertRooms(database, roomIds);
    await insertMembers(database, members);
    await insertMessages(database, roomCount, messagesARoom);
    const marks = members.map(({ roomId, userId }) => markOf(roomId, userId, roomCount, messagesARoom));
    const markedInMs = await saveMarks(database, marks);
    await database.query('VACUUM (ANALYZE)');
    return { database, markCount: marks.length, markedInMs };
  } catch (error) {
    await database.cleanUp();
    throw error;
  }
}

/** The nth row is of room `n % rooms`, where the members write one after another. */
async function insertMessages(database: DatabaseUnderTest, roomCount: number, messagesARoom: number): Promise<void> {
  await database.query(`ALTER TABLE messages SET UNLOGGED`); // it could be loaded again
  await database.query(
    `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, sent_at,
       event_id)
     SELECT 1 + n % $1, 1, (1 + n % $1) % 12, n, 1 + n / $1, 1 + n / $1 / $3, 1000000 + n, 1 + n / $1 % $3,
       'message ' || n || repeat('.', n % 60), 'GROUP', timestamptz '2026-01-01' + n * interval '1 second', (1000000 + n)::text
     FROM generate_series(0, $1::int * $2::int - 1) AS n`,
    [roomCount, messagesARoom, MEMBER_COUNT],
  );
  await database.query(
    `INSERT INTO room_counters (room_id, last_seq, last_epoch, last_log_offset)
     SELECT room_id, max(seq), 1, max(log_offset) FROM messages GROUP BY room_id`,
  );
  await database.query(
    `INSERT INTO sender_counters (room_id, user_id, last_ordinal)
     SELECT room_id, sender_id, max(sender_ordinal) FROM messages GROUP BY room_id, sender_id`,
  );
  await database.query('ANALYZE messages');
}

/** On one of the room's messages at random. */
function markOf(roomId: number, userId: number, roomCount: number, messagesARoom: number): ReadMark {
  const offset = Math.floor(Math.random() * messagesARoom) * roomCount + roomId - 1;
  return { roomId: asRoomId(roomId), userId: asUserId(userId), position: { epoch: 1, offset } };
}

async function saveMarks({ url }: DatabaseUnderTest, marks: readonly ReadMark[]): Promise<number> {
  const logger = createLogger('bench', { level: 'silent', instanceId: 'bench' });
  const database = openDatabase({ databaseUrl: url, logger, databasePoolMax: 1 });
  const startedAt = performance.now();
  for (let from = 0; from < marks.length; from += MARKS_AT_ONCE) {
    await database.repositories.receiptMarks.saveRead(marks.slice(from, from + MARKS_AT_ONCE));
  }
  const tookMs = performance.now() - startedAt;
  await database.stop();
  return tookMs;
}
