import { decodeMessageRecord, messageRepeatKeysOf } from '@chat/kafka-contracts';
import type { MessageDTO } from '@chat/dto';
import { openDatabase, type DatabaseService, type PersistedMessageRepository } from '@chat/database';
import { DeadLetters, type GroupBatch, type LogRecord } from '@chat/kafka';
import { ChatError, createLogger, Registry, systemClock } from '@chat/service-kit';
import { databaseUnderTest, hostileMessageRecords, type DatabaseUnderTest } from '@chat/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatMessagesConsumer } from './chat-messages-consumer.ts';
import { keptContentsOf } from './kept-contents-under-test.ts';
import { createPersisterMetrics } from './metrics.ts';
import type { StoredRow } from './persister-under-test.ts';
import { ProgressPublisher } from './progress-publisher.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const START = { start: 0, end: 0 };
const UNCOUNTED = ['EDIT', 'DELETE', 'REACTION', 'SYSTEM'];

let under: DatabaseUnderTest;
let database: DatabaseService;
let messages: PersistedMessageRepository;

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  messages = database.repositories.persistedMessages;
  await database.repositories.logEpochs.openFirst({ name: 'chat-messages', partitionCount: 1 });
});
afterAll(async () => {
  await database.stop();
  await under.cleanUp();
});

/** What a row must say, by the promises alone: first in the log wins, numbers are dense, ordinals are the sender's own. */
interface ModelRow {
  readonly room: number;
  readonly offset: number;
  readonly id: number;
  readonly content: string;
  readonly seq: number | null;
  readonly ordinal: number;
}

/** The plain model: one pass over the log with a set of keys and a count for each room, and each sender in it. */
function modelOf(log: readonly LogRecord[]) {
  const rows: ModelRow[] = [];
  const counted: MessageDTO[] = [];
  const refused: number[] = [];
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  const raise = (key: string, by: number) => counts.set(key, (counts.get(key) ?? 0) + by).get(key) ?? 0;
  for (const record of log) {
    const decoded = decodeMessageRecord(record, 0, 1);
    if (!decoded.ok) {
      refused.push(record.offset);
      continue;
    }
    const { roomId, senderId, id, content, kind } = decoded.value;
    const { eventKey, clientKey } = messageRepeatKeysOf(record, decoded.value);
    const keys = [eventKey && `event ${eventKey}`, clientKey && `client ${clientKey}`].filter((key) => key !== null);
    if (keys.some((key) => seen.has(key))) continue;
    for (const key of keys) seen.add(key);
    const by = kind !== undefined && UNCOUNTED.includes(kind) ? 0 : 1;
    const [seq, ordinal] = [raise(`${roomId}`, by), raise(`${roomId} ${senderId}`, by)];
    counted.push(decoded.value);
    rows.push({ room: roomId, offset: record.offset, id: id + 0, content, seq: by === 0 ? null : seq, ordinal });
  }
  const kept = keptContentsOf(counted);
  return { rows: rows.map((row, at) => ({ ...row, content: kept[at] ?? '' })), refused };
}

async function storedRows(): Promise<readonly ModelRow[]> {
  const rows = await under.query<StoredRow>('SELECT * FROM messages ORDER BY log_offset');
  return rows.map((row) => ({
    room: Number(row.room_id),
    offset: Number(row.log_offset),
    id: Number(row.id),
    content: row.content,
    seq: row.seq === null ? null : Number(row.seq),
    ordinal: Number(row.sender_ordinal),
  }));
}

/** How a batch ends for the instance that has it. */
type Fate = 'well' | 'answer lost' | 'never stored' | 'dead letter lost';

/** An instance that believes to own the partition, and what it did to the outside. */
class Owner {
  at = 0;
  fate: Fate = 'well';
  readonly #log: readonly LogRecord[];
  readonly #consumer: ChatMessagesConsumer;

  constructor(log: readonly LogRecord[], setAside: (offset: number) => void) {
    this.#log = log;
    const publisher = {
      publish: async () => ({ topic: 'persister-progress', partition: 0, offset: 0 }) as const,
      publishDeadLetter: async ({ offset }: { offset: number }) => {
        if (this.fate === 'dead letter lost') throw new ChatError('UNAVAILABLE');
        setAside(offset);
      },
    };
    this.#consumer = new ChatMessagesConsumer({
      messages: { ...messages, saveBatch: (batch) => this.#save(batch) },
      log: { epoch: 1, partitionCount: 1 },
      deadLetters: new DeadLetters({ topic: 'chat-messages', publisher, onSetAside: () => {}, logger }),
      progress: new ProgressPublisher({ publisher, clock: systemClock, source: 'spec' }),
      clock: systemClock,
      metrics: createPersisterMetrics(new Registry()),
      tracing: null,
      logger,
    });
  }

  async takeOver(): Promise<void> {
    this.at = (await this.#consumer.startAt(0, START)).next;
  }

  /** Processes the next records from where it believes to be; a batch that fails comes again from there. */
  async process(size: number): Promise<void> {
    const from = this.#log.findIndex(({ offset }) => offset >= this.at);
    if (from < 0) return;
    const records = this.#log.slice(from, from + size);
    const nextOffset = (records.at(-1)?.offset ?? 0) + 1;
    let next = nextOffset;
    const batch: GroupBatch = {
      partition: 0,
      fetchedOffset: this.at,
      nextOffset,
      highWatermark: nextOffset,
      records,
      heartbeat: () => Promise.resolve(),
      isStale: () => false,
      seek: (offset) => (next = offset),
      commit: async (offset) => expect((await messages.findPosition(1, 0))?.next).toBeGreaterThanOrEqual(offset),
    };
    try {
      await this.#consumer.processBatch(batch);
      this.at = next;
    } catch (error) {
      expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    }
  }

  async #save(batch: Parameters<typeof messages.saveBatch>[0]): Promise<number | null> {
    if (this.fate === 'never stored') throw new ChatError('UNAVAILABLE');
    const stored = await messages.saveBatch(batch);
    if (this.fate === 'answer lost') throw new ChatError('UNAVAILABLE');
    return stored;
  }
}

const anyStep = fc.record({
  owner: fc.nat(1),
  size: fc.integer({ min: 1, max: 9 }),
  fate: fc.constantFrom<Fate>('well', 'well', 'well', 'answer lost', 'never stored', 'dead letter lost'),
  isRestart: fc.constantFrom(false, false, false, true),
  isTogether: fc.boolean(),
});
/** Records with holes between their offsets, as markers leave them. */
const anyLog = fc.array(fc.tuple(hostileMessageRecords(), fc.constantFrom(1, 1, 1, 2, 3)), {
  minLength: 5,
  maxLength: 60,
  size: 'max',
});

describe('whatever lies on the log, and whoever stores it', () => {
  it('gives the rows of the plain model: each record that counts once, dense numbers, own ordinals, the rest set aside', async () => {
    let rowCount = 0;
    await fc.assert(
      fc.asyncProperty(
        anyLog,
        fc.array(anyStep, { minLength: 5, maxLength: 30, size: 'max' }),
        async (given, steps) => {
          await under.query('TRUNCATE messages, room_counters, sender_counters, log_positions');
          let offset = -1;
          const log = given.map(([record, gap]) => ({ ...record, offset: (offset += gap), timestamp: 0 }));
          const setAside = new Set<number>();
          const owners = [0, 1].map(() => new Owner(log, (at) => setAside.add(at)));
          for (const owner of owners) await owner.takeOver();
          for (const { owner, size, fate, isRestart, isTogether } of steps) {
            const [first, second] = owner === 0 ? owners : owners.toReversed();
            if (first === undefined || second === undefined) throw new Error('there are two owners');
            if (isRestart) await first.takeOver();
            first.fate = fate;
            await Promise.all([first.process(size), isTogether && second.process(size + 1)]);
            first.fate = 'well';
          }
          for (const owner of owners) while (owner.at <= offset) await owner.process(20);
          const model = modelOf(log);
          expect(await storedRows()).toEqual(model.rows);
          expect([...setAside].sort((a, b) => a - b)).toEqual(model.refused);
          expect((await messages.findPosition(1, 0))?.next).toBe(offset + 1);
          rowCount += model.rows.length;
        },
      ),
      { numRuns: 150, endOnFailure: true }, // shrinking on a real database takes minutes: give `seed` and `path`
    );
    expect(rowCount).toBeGreaterThan(100);
  }, 120_000);
});
