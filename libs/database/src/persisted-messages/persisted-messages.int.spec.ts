import { createLogger } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type DatabaseService } from '../database.ts';
import type { NewMessageRow, PersistedMessageRepository } from './persisted-message-repository.ts';

let under: DatabaseUnderTest;
let database: DatabaseService;
let messages: PersistedMessageRepository;
let partition = 0;

beforeAll(async () => {
  under = await databaseUnderTest();
  const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
  messages = database.repositories.persistedMessages;
});
afterAll(async () => {
  await database.stop();
  await under.cleanUp();
});

function row(roomId: number, logOffset: number, more: Partial<NewMessageRow> = {}): NewMessageRow {
  return {
    logOffset,
    roomId,
    id: logOffset + 1,
    senderId: 1,
    content: 'x',
    type: 'GROUP',
    kind: null,
    counts: true,
    sentAtMs: Date.UTC(2026, 0, 1),
    eventId: null,
    clientMessageId: null,
    ...more,
  };
}

/** A partition of its own, opened at 0. */
async function freshPartition(): Promise<number> {
  partition += 1;
  await messages.openPosition(1, partition, 0);
  return partition;
}

const seqsOf = async (roomId: number) =>
  (
    await under.query<{ seq: string | null }>('SELECT seq FROM messages WHERE room_id = $1 ORDER BY log_offset', [
      roomId,
    ])
  ).map(({ seq }) => seq);

describe('saveBatch', () => {
  it('stores a stretch once when two instances store it at the same time', async () => {
    const own = await freshPartition();
    const batch = { epoch: 1, partition: own, expected: 0, next: 3, rows: [0, 1, 2].map((offset) => row(1, offset)) };
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => messages.saveBatch(batch)));
    expect(outcomes.filter((outcome) => outcome === 3)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(7);
    expect(await seqsOf(1)).toEqual(['1', '2', '3']);
    expect(await messages.findPosition(1, own)).toBe(3);
  });

  it('does nothing for an instance that fell behind', async () => {
    const own = await freshPartition();
    await messages.saveBatch({ epoch: 1, partition: own, expected: 0, next: 5, rows: [row(2, 4)] });
    expect(await messages.saveBatch({ epoch: 1, partition: own, expected: 0, next: 7, rows: [row(2, 6)] })).toBeNull();
    expect(await seqsOf(2)).toEqual(['1']);
    expect(await messages.findPosition(1, own)).toBe(5);
  });

  it('leaves rows out that repeat a stored one, before it numbers the others', async () => {
    const own = await freshPartition();
    const first = [row(3, 0, { eventId: 'e1' }), row(3, 1, { clientMessageId: 'k1' })];
    await messages.saveBatch({ epoch: 1, partition: own, expected: 0, next: 2, rows: first });
    const second = [
      row(3, 2, { eventId: 'e1' }),
      row(3, 3, { clientMessageId: 'k1' }),
      row(3, 4, { clientMessageId: 'k1', senderId: 2 }),
      row(4, 5, { eventId: 'e1' }),
    ];
    expect(await messages.saveBatch({ epoch: 1, partition: own, expected: 2, next: 6, rows: second })).toBe(2);
    expect(await seqsOf(3)).toEqual(['1', '2', '3']);
    expect(await seqsOf(4)).toEqual(['1']);
  });

  it('moves the position over a stretch without rows', async () => {
    const own = await freshPartition();
    expect(await messages.saveBatch({ epoch: 1, partition: own, expected: 0, next: 9, rows: [] })).toBe(0);
    expect(await messages.findPosition(1, own)).toBe(9);
  });

  it('keeps the counters at the last number, also where the stretch ends in kinds that do not count', async () => {
    const own = await freshPartition();
    const rows = [row(5, 0), row(5, 1, { kind: 'EDIT', counts: false, senderId: 9 })];
    await messages.saveBatch({ epoch: 1, partition: own, expected: 0, next: 2, rows });
    await messages.saveBatch({
      epoch: 1,
      partition: own,
      expected: 2,
      next: 3,
      rows: [row(5, 2, { kind: 'EDIT', counts: false })],
    });
    await messages.saveBatch({ epoch: 1, partition: own, expected: 3, next: 4, rows: [row(5, 3)] });
    expect(await seqsOf(5)).toEqual(['1', null, null, '2']);
    expect(await under.query('SELECT last_seq, last_log_offset FROM room_counters WHERE room_id = 5')).toEqual([
      { last_seq: '2', last_log_offset: '3' },
    ]);
    expect(await under.query('SELECT user_id, last_ordinal FROM sender_counters WHERE room_id = 5 ORDER BY 1')).toEqual(
      [
        { user_id: '1', last_ordinal: '2' },
        { user_id: '9', last_ordinal: '0' },
      ],
    );
  });

  it('holds what JSON and SQL could break: quotes, braces, backslashes, an empty text, years far off', async () => {
    const own = await freshPartition();
    const contents = ['{"a","b"}', 'it\'s \\ "quoted"', 'NULL', '👋'];
    const instants = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z'), -1, 1];
    const rows = contents.map((content, at) => row(6, at, { content, sentAtMs: instants[at] ?? 0 }));
    await messages.saveBatch({ epoch: 1, partition: own, expected: 0, next: 4, rows });
    const stored = await under.query<{ content: string; ms: string }>(
      `SELECT content, (extract(epoch FROM sent_at) * 1000)::bigint AS ms FROM messages WHERE room_id = 6 ORDER BY log_offset`,
    );
    expect(stored.map(({ content }) => content)).toEqual(contents);
    expect(stored.map(({ ms }) => Number(ms))).toEqual(instants);
  });
});

describe('openPosition and openLogEpoch', () => {
  it('begin where they are told to at first sight only', async () => {
    expect(await messages.openPosition(1, 500, 7)).toBe(7);
    expect(await messages.openPosition(1, 500, 9)).toBe(7);
    expect(await messages.openLogEpoch('chat-messages', 12)).toEqual({
      epoch: 1,
      topic: 'chat-messages',
      partitionCount: 12,
    });
    expect(await messages.openLogEpoch('chat-messages', 24)).toMatchObject({ partitionCount: 12 });
  });
});
