import { HISTORY_START, openDatabase, type DatabaseService, type Repositories } from '@chat/database';
import { asMessageId, asRoomId, asUserId, type HistoryMessageDTO, type MessageDTO } from '@chat/dto';
import { encodeRecord, partitionOf } from '@chat/kafka-contracts';
import { createLogger, instantOf } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptContentsOf } from './kept-contents-under-test.ts';
import { planBatch, type PlacedRecord } from './persist-batch.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const READER = asUserId(1);
let under: DatabaseUnderTest;
let database: DatabaseService;
let stored: Repositories;

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  stored = database.repositories;
  await stored.logEpochs.openFirst({ name: 'chat-messages', partitionCount: 1 });
});
afterAll(async () => {
  await database.stop();
  await under.cleanUp();
});

/** One record: who writes what; a change names the record before it by how far back, one that never was, or its own id. */
const anyRecord = fc.record({
  kind: fc.constantFrom('TEXT', 'TEXT', 'SYSTEM', 'EDIT', 'EDIT', 'DELETE', 'REACTION', 'REACTION', 'REACTION'),
  sender: fc.integer({ min: 1, max: 2 }),
  /** Of the texts so far; one that is foreign may name what comes only later. */
  target: fc.nat({ max: 7 }),
  emoji: fc.constantFrom('👍', '❤', 'ok'),
  isRemoval: fc.boolean(),
  isRepeat: fc.constantFrom(false, false, false, false, true),
});
type AnyRecord = typeof anyRecord extends fc.Arbitrary<infer Value> ? Value : never;

/** Ids fall where the log rises for every other record, so that nothing goes by ids. */
const idOf = (at: number) => asMessageId(at % 2 === 0 ? 1_000 + at : 1_000 - at);

function messageOf(roomId: number, at: number, { kind, sender, target, emoji, isRemoval }: AnyRecord): MessageDTO {
  const about = {
    id: idOf(at),
    senderId: asUserId(sender),
    roomId: asRoomId(roomId),
    type: 'GROUP',
    timestamp: instantOf(Date.UTC(2026, 0, 1) + at * 1_000),
  } as const;
  const targetId = idOf(target);
  switch (kind) {
    case 'EDIT':
      return { ...about, kind, targetId, content: `edit ${at}` };
    case 'DELETE':
      return { ...about, kind, targetId, content: '' };
    case 'REACTION':
      return { ...about, kind, targetId, content: emoji, ...(isRemoval && { removed: true }) };
    case 'SYSTEM':
      return { ...about, kind, content: `system ${at}` };
    default:
      return { ...about, content: `text ${at}` };
  }
}

interface Shown {
  message: HistoryMessageDTO;
  users: Map<string, Set<number>>;
}

/** The plain model: the log in its order, applied record by record to the messages that it has brought so far. */
function modelOf(log: readonly MessageDTO[]): readonly HistoryMessageDTO[] {
  const shown = new Map<number, Shown>();
  const reactions = new Map<string, Map<string, Set<number>>>();
  for (const { kind, targetId, removed, ...message } of log) {
    const target = targetId === undefined ? undefined : shown.get(targetId);
    if (kind === undefined || kind === 'SYSTEM') {
      const users = reactions.get(`${message.id}`) ?? new Map<string, Set<number>>();
      reactions.set(`${message.id}`, users);
      shown.set(message.id, { message: { ...message, ...(kind !== undefined && { kind }) }, users });
    } else if (kind === 'REACTION') {
      const users = reactions.get(`${targetId}`) ?? new Map<string, Set<number>>();
      reactions.set(`${targetId}`, users);
      const ofContent = users.get(message.content) ?? new Set();
      users.set(message.content, ofContent);
      if (removed === true) ofContent.delete(message.senderId);
      else ofContent.add(message.senderId);
    } else if (target === undefined || target.message.kind !== undefined || target.message.deletedAt !== undefined) {
      continue; // of nothing, of a SYSTEM message, or behind a DELETE
    } else if (kind === 'DELETE') {
      const { editedAt: _, ...left } = target.message;
      target.message = { ...left, content: '', deletedAt: message.timestamp };
    } else if (message.senderId === target.message.senderId) {
      target.message = { ...target.message, content: message.content, editedAt: message.timestamp };
    }
  }
  return [...shown.values()].map(({ message, users }) => ({ ...message, ...reactionsOf(message, users) }));
}

/** Most used first, then by their code points. */
function reactionsOf({ deletedAt }: HistoryMessageDTO, users: Shown['users']): Pick<HistoryMessageDTO, 'reactions'> {
  const reactions = [...users]
    .map(([content, who]) => ({ content, count: who.size, isOwn: who.has(READER) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.content), Buffer.from(b.content)));
  return deletedAt !== undefined || reactions.length === 0 ? {} : { reactions };
}

/** Stores the log as message-persister does, in batches that end where it is said; repeats lie behind their originals. */
async function store(log: readonly MessageDTO[], repeats: ReadonlySet<number>, batchSizes: readonly number[]) {
  const records: PlacedRecord[] = [];
  for (const [at, message] of log.entries()) {
    const { key, value, headers } = encodeRecord('chat-messages', message.roomId, message, {
      id: String(message.id),
      source: 'spec',
      time: message.timestamp,
    });
    const record = { key: Buffer.from(key), value, headers };
    records.push({ ...record, offset: records.length });
    if (repeats.has(at)) records.push({ ...record, offset: records.length });
  }
  const partition = partitionOf('1', 1);
  await stored.persistedMessages.openPosition(1, partition, 0);
  let from = 0;
  for (let turn = 0; from < records.length; turn += 1) {
    const part = records.slice(from, from + (batchSizes[turn % batchSizes.length] ?? 1));
    const fetched = {
      partition,
      partitionCount: 1,
      fetchedOffset: from,
      nextOffset: from + part.length,
      records: part,
    };
    for (const { from: expected, next, rows } of planBatch(fetched)) {
      const batch = { epoch: 1, partition, expected, next, last: null, rows };
      expect(await stored.persistedMessages.saveBatch(batch)).not.toBeNull();
    }
    from += part.length;
  }
}

/** All of a room's history, page by page in one direction. */
async function readAll(roomId: number, limit: number, direction: 'before' | 'after') {
  const room = asRoomId(roomId);
  const seen: HistoryMessageDTO[] = [];
  let place = direction === 'after' ? HISTORY_START : null;
  for (;;) {
    const request = { reader: READER, limit, ...(place !== null && { [direction]: place }) };
    const { items, hasMore } = await stored.messages.listMessages(room, request);
    const messages = items.map(({ message }) => message);
    if (direction === 'after') seen.push(...messages);
    else seen.unshift(...messages);
    const edge = direction === 'after' ? messages.at(-1) : messages[0];
    if (!hasMore || edge === undefined) return seen;
    place = await stored.messages.findPlace(room, edge.id);
  }
}

/** Contents of the rows in the order of the log. */
async function contentsOf(roomId: number): Promise<readonly string[]> {
  const rows = await under.query<{ content: string }>(
    'SELECT content FROM messages WHERE room_id = $1 ORDER BY log_offset',
    [roomId],
  );
  return rows.map(({ content }) => content);
}

describe('sends, edits, deletes and reactions in any order', () => {
  it('show in the history as in the plain model, on pages of any size, whatever the batches', async () => {
    let roomId = 100;
    const seen = { edited: 0, deleted: 0, reacted: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { minLength: 12, maxLength: 40, size: 'max' }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 7 }),
        async (given, batchSizes, limit) => {
          await under.query('TRUNCATE log_positions');
          roomId += 1;
          const log = given.map((record, at) => messageOf(roomId, at, record));
          await store(log, new Set(given.flatMap(({ isRepeat }, at) => (isRepeat ? [at] : []))), batchSizes);
          const model = modelOf(log);
          expect(await readAll(roomId, 200, 'before')).toEqual(model);
          expect(await readAll(roomId, limit, 'before')).toEqual(model);
          expect(await readAll(roomId, limit, 'after')).toEqual(model);
          expect(await contentsOf(roomId), 'what is kept').toEqual(keptContentsOf(log));
          for (const { editedAt, deletedAt, reactions } of model) {
            if (editedAt !== undefined) seen.edited += 1;
            if (deletedAt !== undefined) seen.deleted += 1;
            if (reactions !== undefined) seen.reacted += 1;
          }
        },
      ),
      { numRuns: 120, endOnFailure: true }, // shrinking on a real database takes minutes: give `seed` and `path`
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10); // 37 edits on the average
  }, 120_000);
});
