import { randomUUID } from 'node:crypto';
import { asMessageId, asRoomId, asUserId, type UserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type DatabaseService, type Repositories } from '../database.ts';
import { ensureDatabase } from './ensure-database.ts';
import { readMigrations } from './migration-files.ts';

/** Statements of the apps of migration 20261126000000_receipt_marks, which run on while they are replaced one by one. */
const OLDER_STATEMENTS = {
  addMember: `INSERT INTO memberships (room_id, user_id, role, version, joined_at, joined_epoch, joined_offset)
    SELECT e.room_id, e.user_id, 'MEMBER', 1, now(), r.last_epoch, r.last_log_offset
    FROM (VALUES ($1::bigint, $2::bigint)) AS e (room_id, user_id) LEFT JOIN room_counters AS r ON r.room_id = e.room_id`,
  saveRead: `INSERT INTO receipt_marks (room_id, user_id, read_epoch, read_offset)
    SELECT e.room_id, e.user_id, e.epoch, e.log_offset
    FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[]) AS e (room_id, user_id, epoch, log_offset)
    JOIN memberships AS m ON m.room_id = e.room_id AND m.user_id = e.user_id
    ORDER BY e.room_id, e.user_id
    ON CONFLICT (room_id, user_id) DO UPDATE
    SET read_epoch = excluded.read_epoch, read_offset = excluded.read_offset
    WHERE (coalesce(receipt_marks.read_epoch, -1), coalesce(receipt_marks.read_offset, -1))
      < (excluded.read_epoch, excluded.read_offset)`,
  saveRows: `WITH given AS (
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::boolean[])
        AS t (log_offset, room_id, sender_id, kind, counts)
    ), numbered AS (
      SELECT f.*,
        coalesce(r.last_seq, 0) + count(*) FILTER (WHERE f.counts)
          OVER (PARTITION BY f.room_id ORDER BY f.log_offset) AS seq_so_far,
        coalesce(s.last_ordinal, 0) + count(*) FILTER (WHERE f.counts)
          OVER (PARTITION BY f.room_id, f.sender_id ORDER BY f.log_offset) AS sender_ordinal
      FROM given AS f
      LEFT JOIN room_counters AS r ON r.room_id = f.room_id
      LEFT JOIN sender_counters AS s ON s.room_id = f.room_id AND s.user_id = f.sender_id
    ), inserted AS (
      INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type,
        kind, sent_at, event_id, client_message_id)
      SELECT room_id, 1, 0, log_offset, CASE WHEN counts THEN seq_so_far END, sender_ordinal, log_offset,
        sender_id, 'text of ' || log_offset, 'GROUP', nullif(kind, ''), now(), NULL, NULL
      FROM numbered
      RETURNING 1
    ), rooms AS (
      INSERT INTO room_counters (room_id, last_seq, last_epoch, last_log_offset)
      SELECT room_id, max(seq_so_far), 1, max(log_offset) FROM numbered GROUP BY room_id
      ON CONFLICT (room_id) DO UPDATE SET last_seq = excluded.last_seq, last_epoch = excluded.last_epoch,
        last_log_offset = excluded.last_log_offset
    ), senders AS (
      INSERT INTO sender_counters (room_id, user_id, last_ordinal)
      SELECT room_id, sender_id, max(sender_ordinal) FROM numbered GROUP BY room_id, sender_id
      ON CONFLICT (room_id, user_id) DO UPDATE SET last_ordinal = excluded.last_ordinal
    )
    SELECT (SELECT count(*) FROM inserted) AS inserted`,
};

const AFTER_THESE = '20261130';
const ROOM = asRoomId(1);
/** With more members than the migration takes at a time. */
const LARGE_ROOM = asRoomId(2);
const ALICE = asUserId(1);
const BOB = asUserId(2);
const CAROL = asUserId(3);

let under: DatabaseUnderTest;
let client: Client;
let database: DatabaseService;
let stored: Repositories;
const name = `spec_older_${randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  under = await databaseUnderTest();
  const url = new URL(under.url);
  url.pathname = `/${name}`;
  await ensureDatabase(url.href);
  client = new Client({ connectionString: url.href });
  await client.connect();
  const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
  database = openDatabase({ databaseUrl: url.href, logger });
  stored = database.repositories;
});
afterAll(async () => {
  await database?.stop();
  await client?.end();
  await under?.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  await under?.cleanUp();
});

/** File by file, as the engine does, which one process may have apply only once to a database. */
async function applyMigrations(isWanted: (name: string) => boolean): Promise<void> {
  for (const { path, migrationFile } of (await readMigrations()).migrationDirectories) {
    if (isWanted(path) && migrationFile.content.tag === 'ok') await client.query(migrationFile.content.value);
  }
}

const join = (userId: UserId) => client.query(OLDER_STATEMENTS.addMember, [ROOM, userId]);
const read = (userId: UserId, offset: number) =>
  client.query(OLDER_STATEMENTS.saveRead, [[ROOM], [userId], [1], [offset]]);

/** Records in one batch: texts of users, or with a kind what does not count. */
const write = (...rows: readonly (readonly [offset: number, senderId: UserId, kind?: string])[]) =>
  client.query(OLDER_STATEMENTS.saveRows, [
    rows.map(([offset]) => offset),
    rows.map(() => ROOM),
    rows.map(([, senderId]) => senderId),
    rows.map(([, , kind]) => kind ?? ''),
    rows.map(([, , kind]) => kind === undefined),
  ]);

async function unreadOf(...users: readonly UserId[]): Promise<readonly number[]> {
  const told = await stored.unread.listUnreadOfMembers(users.map((userId) => ({ roomId: ROOM, userId })));
  return users.map((userId) => told.find((each) => each.userId === userId)?.unreadCount ?? NaN);
}

/** The ids of the messages on both sides of one, which here are their offsets. */
async function aroundIdsOf(offset: number): Promise<readonly (readonly number[])[]> {
  const place = await stored.messages.findPlace(ROOM, asMessageId(offset));
  if (place === null) throw new Error('no such message');
  const slices = await Promise.all(
    [{ before: place }, { after: place }].map((side) =>
      stored.messages.listMessages(ROOM, { ...side, reader: ALICE, limit: 20 }),
    ),
  );
  return slices.map(({ items }) => items.map(({ message }) => Number(message.id)));
}

describe('what apps of before have written', () => {
  it('before the migration is counted and paged as it was', async () => {
    await applyMigrations((path) => path < AFTER_THESE);
    await client.query(`INSERT INTO chat_rooms (id, name, description, type, visibility, status, owner_id, metadata, version,
        last_activity_at, created_at, updated_at)
      SELECT id, 'a', 'b', 'GROUP', 'PUBLIC', 'ACTIVE', 1, '{}', 1, now(), now(), now() FROM generate_series(1, 2) AS id`);
    await join(ALICE); // to an empty room
    await write([1, ALICE, 'EDIT'], [2, BOB], [3, ALICE], [5, BOB], [6, BOB, 'EDIT']);
    await join(BOB); // behind a row without a number
    await write([7, BOB], [8, ALICE], [9, BOB]);
    await read(ALICE, 6);
    await client.query(OLDER_STATEMENTS.saveRows, [
      [21, 22, 24],
      [LARGE_ROOM, LARGE_ROOM, LARGE_ROOM],
      [ALICE, BOB, BOB],
      ['', '', ''],
      [true, true, true],
    ]);
    await client.query(
      `INSERT INTO memberships SELECT ${LARGE_ROOM}, id, 'MEMBER', 1, now(), 1, 22 FROM generate_series(1, 2500) AS id`,
    );
    await client.query(
      `INSERT INTO receipt_marks SELECT room_id, user_id, 1, 24, 1, 24 FROM memberships WHERE room_id = ${LARGE_ROOM}`,
    );
    await applyMigrations((path) => path >= AFTER_THESE);
    expect(await unreadOf(ALICE, BOB)).toEqual([2, 1]);
    const numbers = `SELECT joined_seq, joined_ordinal, read_seq, read_ordinal, count(*)::int FROM memberships
      JOIN receipt_marks USING (room_id, user_id) WHERE room_id = ${LARGE_ROOM} GROUP BY 1, 2, 3, 4 ORDER BY count, read_ordinal DESC`;
    expect((await client.query(numbers)).rows).toEqual([
      { joined_seq: '2', joined_ordinal: '1', read_seq: '3', read_ordinal: '2', count: 1 },
      { joined_seq: '2', joined_ordinal: '1', read_seq: '3', read_ordinal: '1', count: 1 },
      { joined_seq: '2', joined_ordinal: '0', read_seq: '3', read_ordinal: '0', count: 2_498 },
    ]);
    expect(await aroundIdsOf(1)).toEqual([[], [2, 3, 5, 7, 8, 9]]);
    expect(await aroundIdsOf(6)).toEqual([
      [2, 3, 5],
      [7, 8, 9],
    ]);
  });

  it('after it is told right too, while they are replaced one by one', async () => {
    await join(CAROL); // rooms-api
    expect(await unreadOf(CAROL)).toEqual([0]);
    await write([10, BOB], [11, BOB, 'SYSTEM'], [12, CAROL], [13, BOB, 'EDIT'], [14, ALICE, 'EDIT'], [15, ALICE]);
    expect(await unreadOf(ALICE, BOB, CAROL)).toEqual([4, 3, 2]);

    await read(BOB, 14); // message-persister: a first mark
    await read(ALICE, 12); // and one that moves
    expect(await unreadOf(ALICE, BOB, CAROL)).toEqual([0, 1, 2]);
    await write([16, BOB], [17, CAROL, 'EDIT']);
    await read(ALICE, 13); // over nothing that counts
    expect(await unreadOf(ALICE, BOB, CAROL)).toEqual([1, 1, 3]);

    expect(await aroundIdsOf(14)).toEqual([
      [2, 3, 5, 7, 8, 9, 10, 11, 12],
      [15, 16],
    ]);
    expect(await aroundIdsOf(17)).toEqual([[2, 3, 5, 7, 8, 9, 10, 11, 12, 15, 16], []]);
  });

  it('is counted right by marks of newer ones', async () => {
    await stored.receiptMarks.saveRead([{ roomId: ROOM, userId: CAROL, position: { epoch: 1, offset: 14 } }]);
    expect(await unreadOf(CAROL)).toEqual([2]);
    await stored.receiptMarks.saveRead([{ roomId: ROOM, userId: CAROL, position: { epoch: 1, offset: 17 } }]);
    expect(await unreadOf(CAROL)).toEqual([0]);
  });
});
