import { createLogger } from '@chat/service-kit';
import { databaseUnderTest, eventually, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection } from '../connection.ts';
import { openDatabase, type DatabaseService } from '../database.ts';
import type { LogEpochRepository } from './log-epoch-repository.ts';
import type { MessageBatch, NewMessageRow, PersistedMessageRepository } from './persisted-message-repository.ts';

let under: DatabaseUnderTest;
let database: DatabaseService;
let messages: PersistedMessageRepository;
let epochs: LogEpochRepository;
let partition = 0;
const topic = { name: 'chat-messages', partitionCount: 12 };

beforeAll(async () => {
  under = await databaseUnderTest();
  const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
  messages = database.repositories.persistedMessages;
  epochs = database.repositories.logEpochs;
  await epochs.openFirst(topic);
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
    system: null,
    targetId: null,
    removed: false,
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

const save = (batch: Omit<MessageBatch, 'last'>) => messages.saveBatch({ ...batch, last: null });

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
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => save(batch)));
    expect(outcomes.filter((outcome) => outcome === 3)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(7);
    expect(await seqsOf(1)).toEqual(['1', '2', '3']);
    expect(await messages.findPosition(1, own)).toMatchObject({ next: 3 });
  });

  it('does nothing for an instance that fell behind', async () => {
    const own = await freshPartition();
    await save({ epoch: 1, partition: own, expected: 0, next: 5, rows: [row(2, 4)] });
    expect(await save({ epoch: 1, partition: own, expected: 0, next: 7, rows: [row(2, 6)] })).toBeNull();
    expect(await seqsOf(2)).toEqual(['1']);
    expect(await messages.findPosition(1, own)).toMatchObject({ next: 5 });
  });

  it('leaves rows out that repeat a stored one, before it numbers the others', async () => {
    const own = await freshPartition();
    const first = [row(3, 0, { eventId: 'e1' }), row(3, 1, { clientMessageId: 'k1' })];
    await save({ epoch: 1, partition: own, expected: 0, next: 2, rows: first });
    const second = [
      row(3, 2, { eventId: 'e1' }),
      row(3, 3, { clientMessageId: 'k1' }),
      row(3, 4, { clientMessageId: 'k1', senderId: 2 }),
      row(4, 5, { eventId: 'e1' }),
    ];
    expect(await save({ epoch: 1, partition: own, expected: 2, next: 6, rows: second })).toBe(2);
    expect(await seqsOf(3)).toEqual(['1', '2', '3']);
    expect(await seqsOf(4)).toEqual(['1']);
  });

  it('waits at most 5 s for an instance that froze inside a transaction, with the position in its hands', async () => {
    const own = await freshPartition();
    const frozen = createConnection({
      url: under.url,
      poolMax: 1,
      statementTimeoutMs: 1_000,
      applicationName: 'frozen',
      logger: createLogger('spec', { level: 'silent', instanceId: 'spec' }),
    });
    const client = await frozen.pool.connect();
    client.on('error', () => {}); // Postgres ends it
    await client.query('BEGIN');
    await client.query('UPDATE log_positions SET next_offset = 7 WHERE epoch = 1 AND partition = $1', [own]);
    const startedAt = performance.now();
    const batch = { epoch: 1, partition: own, expected: 0, next: 1, rows: [row(7, 0)] };
    await expect(save(batch)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - startedAt).toBeLessThan(3_500);
    expect(await eventually(() => save(batch), { deadlineMs: 10_000 })).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    client.release(true);
    await frozen.prisma.$disconnect();
    await frozen.pool.end();
  }, 20_000);

  it('moves the position over a stretch without rows', async () => {
    const own = await freshPartition();
    expect(await save({ epoch: 1, partition: own, expected: 0, next: 9, rows: [] })).toBe(0);
    expect(await messages.findPosition(1, own)).toMatchObject({ next: 9 });
  });

  it('keeps the counters at the last number, also where the stretch ends in kinds that do not count', async () => {
    const own = await freshPartition();
    const rows = [row(5, 0), row(5, 1, { kind: 'EDIT', counts: false, senderId: 9 })];
    await save({ epoch: 1, partition: own, expected: 0, next: 2, rows });
    await save({
      epoch: 1,
      partition: own,
      expected: 2,
      next: 3,
      rows: [row(5, 2, { kind: 'EDIT', counts: false })],
    });
    await save({ epoch: 1, partition: own, expected: 3, next: 4, rows: [row(5, 3)] });
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
    await save({ epoch: 1, partition: own, expected: 0, next: 4, rows });
    const stored = await under.query<{ content: string; ms: string }>(
      `SELECT content, (extract(epoch FROM sent_at) * 1000)::bigint AS ms FROM messages WHERE room_id = 6 ORDER BY log_offset`,
    );
    expect(stored.map(({ content }) => content)).toEqual(contents);
    expect(stored.map(({ ms }) => Number(ms))).toEqual(instants);
  });
});

describe('what changes a message', () => {
  const changesOf = (roomId: number) =>
    under.query(
      'SELECT id, target_id, removed, behind_seq FROM messages WHERE room_id = $1 AND seq IS NULL ORDER BY id',
      [roomId],
    );

  it('knows its target, and the last message before it', async () => {
    const own = await freshPartition();
    const change = { counts: false, targetId: 7, content: '' };
    await save({
      epoch: 1,
      partition: own,
      expected: 0,
      next: 4,
      rows: [
        row(8, 0, { ...change, kind: 'DELETE' }),
        row(8, 1),
        row(8, 2),
        row(8, 3, { ...change, kind: 'REACTION', content: '👍', removed: true }),
      ],
    });
    expect(await changesOf(8)).toEqual([
      { id: '1', target_id: '7', removed: null, behind_seq: '0' },
      { id: '4', target_id: '7', removed: true, behind_seq: '2' },
    ]);
    expect(await under.query('SELECT target_id, behind_seq FROM messages WHERE room_id = 8 AND seq = 1')).toEqual([
      { target_id: null, behind_seq: null },
    ]);
  });

  /** Reactions to message 1 of a room as [user, content, whether it is taken back], each list a batch. */
  async function react(roomId: number, ...batches: readonly (readonly (readonly [number, string, boolean?])[])[]) {
    const own = await freshPartition();
    let next = 0;
    for (const batch of batches) {
      const expected = next;
      const rows = batch.map(([senderId, content, removed = false]) =>
        row(roomId, next++, { kind: 'REACTION', counts: false, targetId: 1, senderId, content, removed }),
      );
      await save({ epoch: 1, partition: own, expected, next, rows });
    }
    return {
      reactions: (
        await under.query<{ content: string; user_id: string }>(
          'SELECT content, user_id FROM reactions WHERE room_id = $1 ORDER BY user_id, content COLLATE "C"',
          [roomId],
        )
      ).map(({ content, user_id }) => `${user_id} ${content}`),
      counts: await under.query(
        'SELECT content, user_count::int AS count FROM reaction_counts WHERE room_id = $1 ORDER BY content COLLATE "C"',
        [roomId],
      ),
    };
  }

  it('moves who reacts with what, the last word of each user, within a batch and over batches', async () => {
    const { reactions, counts } = await react(
      9,
      [[1, 'a'], [2, 'a'], [2, 'b'], [2, 'b', true], [3, 'c', true]], // prettier-ignore
      [[1, 'a'], [2, 'a', true], [1, 'b'], [1, 'b', true], [1, 'b']], // prettier-ignore
      [[3, 'a'], [3, 'c'], [3, 'c', true]], // prettier-ignore
    );
    expect(reactions).toEqual(['1 a', '1 b', '3 a']);
    expect(counts).toEqual([
      { content: 'a', count: 2 },
      { content: 'b', count: 1 },
    ]);
  });
});

describe('a position', () => {
  it('begins where it is told to at first sight only', async () => {
    expect(await messages.openPosition(1, 500, 7)).toEqual({ next: 7, last: null });
    expect(await messages.openPosition(1, 500, 9)).toEqual({ next: 7, last: null });
  });

  it('keeps the last record that was stored, also over a stretch without any', async () => {
    const own = await freshPartition();
    const last = { offset: 4, digest: 'of it' };
    await messages.saveBatch({ epoch: 1, partition: own, expected: 0, next: 5, last, rows: [] });
    await messages.saveBatch({ epoch: 1, partition: own, expected: 5, next: 9, last: null, rows: [] });
    expect(await messages.findPosition(1, own)).toEqual({ next: 9, last });
    expect((await messages.listPositions(1)).get(own)).toEqual({ next: 9, last });
  });
});
