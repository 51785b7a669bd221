import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { consecutive } from '../consecutive.ts';
import { insertRooms } from '../insert-rooms.ts';

/** Rows of one INSERT. */
const ROWS_AT_ONCE = 1_000_000;
/** Messages that cursors are taken from, about. */
const CURSOR_COUNT = 10_000;
/** One with 70 % of the rows, ten with 2 % each, twenty with 0.5 % each. */
export const ROOM_COUNT = 31;
/** Member of all rooms. */
export const READER_ID = 1;

/** A message that history is read next to. */
export interface Cursor {
  readonly roomId: number;
  readonly messageId: number;
}

/** A database with a long history. */
export interface LoadedHistory {
  readonly database: DatabaseUnderTest;
  readonly rowCount: number;
  /** At random over all rows. */
  readonly cursors: readonly Cursor[];
}

/**
 * Loads so many messages in the order of a log, so that the rows of a room lie among those of the others, as
 * message-persister leaves them; then vacuums and analyses, and counts reads of the table anew.
 */
export async function loadHistory(templateUrl: string, rowCount: number): Promise<LoadedHistory> {
  const database = await databaseUnderTest(templateUrl);
  try {
    await insertRooms(database, consecutive(ROOM_COUNT));
    await insertReader(database);
    // Rows that could be loaded again need no write-ahead log, and nothing shall vacuum while clocks run.
    await database.query('ALTER TABLE messages SET UNLOGGED');
    await database.query('ALTER TABLE messages SET (autovacuum_enabled = false)');
    for (let from = 0; from < rowCount; from += ROWS_AT_ONCE) {
      await insertMessages(database, from, Math.min(from + ROWS_AT_ONCE, rowCount));
    }
    await database.query('VACUUM (ANALYZE) messages');
    const cursors = await sampleCursors(database, rowCount);
    await database.query('SELECT pg_stat_force_next_flush()');
    await database.query('SELECT pg_stat_reset()');
    return { database, rowCount, cursors };
  } catch (error) {
    await database.cleanUp();
    throw error;
  }
}

async function insertReader(database: DatabaseUnderTest): Promise<void> {
  await database.query(
    `INSERT INTO memberships (room_id, user_id, role, version, joined_at)
     SELECT id, $1, 'MEMBER', 1, now() FROM chat_rooms`,
    [READER_ID],
  );
}

/** The nth row of the log belongs to a room by n alone; `seq` counts the rows of its room up to it. */
async function insertMessages(database: DatabaseUnderTest, from: number, to: number): Promise<void> {
  await database.query(
    `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, sent_at,
       event_id)
     SELECT room_id, 1, room_id % 12, n, seq, seq, 1000000 + n, 1 + n % 50, 'message ' || n || repeat('.', n % 60), 'GROUP',
       timestamptz '2026-01-01' + n * interval '1 second', (1000000 + n)::text
     FROM (SELECT n, n / 10 AS ten, n % 10 AS place FROM generate_series($1::int, $2::int - 1) AS n) AS log
     CROSS JOIN LATERAL (SELECT
       CASE WHEN place < 7 THEN 1 WHEN place < 9 THEN 2 + ten % 10 ELSE 12 + ten % 20 END AS room_id,
       CASE WHEN place < 7 THEN ten * 7 + place + 1 WHEN place < 9 THEN ten / 10 * 2 + place - 6 ELSE ten / 20 + 1 END AS seq
     ) AS room`,
    [from, to],
  );
}

async function sampleCursors(database: DatabaseUnderTest, rowCount: number): Promise<readonly Cursor[]> {
  const rows = await database.query<{ room_id: string; id: string }>(
    'SELECT room_id, id FROM messages TABLESAMPLE BERNOULLI ($1)',
    [Math.min(100, (100 * CURSOR_COUNT) / rowCount)],
  );
  return rows.map(({ room_id, id }) => ({ roomId: Number(room_id), messageId: Number(id) }));
}

/** Reads of the table since it was loaded, by everybody who has disconnected since. */
export async function readsOf({ database }: LoadedHistory) {
  const [row] = await database.query<{ scans: string; rows: string }>(
    `SELECT seq_scan AS scans, idx_tup_fetch AS rows FROM pg_stat_user_tables WHERE relname = 'messages'`,
  );
  return { wholeTableScans: Number(row?.scans), rowsByIndex: Number(row?.rows) };
}
