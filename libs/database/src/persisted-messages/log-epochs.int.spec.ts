import { createLogger } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type DatabaseService } from '../database.ts';
import { logEpochCheck } from './log-epoch-check.ts';
import type { LogEpochRepository } from './log-epoch-repository.ts';
import type { PersistedMessageRepository } from './persisted-message-repository.ts';

const topic = { name: 'chat-messages', partitionCount: 12 };
const wider = { ...topic, partitionCount: 24 };
const empty = { last: null, rows: [] };

let under: DatabaseUnderTest;
let database: DatabaseService;
let epochs: LogEpochRepository;
let messages: PersistedMessageRepository;

beforeEach(async () => {
  under = await databaseUnderTest();
  database = openDatabase({
    databaseUrl: under.url,
    logger: createLogger('spec', { level: 'silent', instanceId: 'spec' }),
  });
  epochs = database.repositories.logEpochs;
  messages = database.repositories.persistedMessages;
});
afterEach(async () => {
  await database.stop();
  await under.cleanUp();
});

describe('log epochs', () => {
  it('begin with the topic of the very first start, whatever comes later', async () => {
    expect(await epochs.findOpen()).toBeNull();
    expect(await epochs.openFirst(topic)).toEqual({ epoch: 1, topic });
    expect(await epochs.openFirst(wider)).toEqual({ epoch: 1, topic });
    expect(await epochs.findOpen()).toEqual({ epoch: 1, topic });
  });

  it('follow each other: one is open, positions whose log goes on move along, the others stay', async () => {
    await epochs.openFirst(topic);
    const last = { offset: 6, digest: 'd' };
    for (const partition of [0, 1]) {
      await messages.openPosition(1, partition, 5);
      await messages.saveBatch({ epoch: 1, partition, expected: 5, next: 7, last, rows: [] });
    }
    expect(await epochs.openNext({ closing: 1, topic: wider, carried: [1] })).toBe(2);
    expect(await epochs.findOpen()).toEqual({ epoch: 2, topic: wider });
    expect([...(await messages.listPositions(1))]).toEqual([[0, { next: 7, last }]]);
    expect([...(await messages.listPositions(2))]).toEqual([[1, { next: 7, last }]]);
    expect(await under.query('SELECT epoch, closed_at IS NULL AS open FROM log_epochs ORDER BY 1')).toEqual([
      { epoch: 1, open: false },
      { epoch: 2, open: true },
    ]);
  });

  it('are opened once by commands that run at the same time', async () => {
    await epochs.openFirst(topic);
    const next = { closing: 1, topic: wider, carried: [] };
    const opened = await Promise.all(Array.from({ length: 4 }, () => epochs.openNext(next)));
    expect(opened.filter((epoch) => epoch !== null)).toEqual([2]);
    expect(await epochs.openNext(next)).toBeNull();
  });

  it('share the numbers and the keys of a room: what repeats a row of an earlier one is no row', async () => {
    const row = (logOffset: number, eventId: string) => ({
      logOffset,
      roomId: 1,
      id: 1,
      senderId: 1,
      content: 'x',
      type: 'GROUP',
      kind: null,
      system: null,
      targetId: null,
      removed: false,
      counts: true,
      sentAtMs: 0,
      eventId,
      clientMessageId: null,
    });
    await epochs.openFirst(topic);
    await messages.openPosition(1, 0, 0);
    const rows = [row(0, 'a'), row(1, 'b')];
    await messages.saveBatch({ epoch: 1, partition: 0, expected: 0, next: 2, last: null, rows });
    await epochs.openNext({ closing: 1, topic, carried: [] });
    await messages.openPosition(2, 0, 0);
    const again = [row(0, 'b'), row(1, 'c')];
    expect(await messages.saveBatch({ epoch: 2, partition: 0, expected: 0, next: 2, last: null, rows: again })).toBe(1);
    expect(
      await under.query('SELECT epoch, log_offset, seq, sender_ordinal FROM messages ORDER BY epoch, log_offset'),
    ).toEqual([
      { epoch: 1, log_offset: '0', seq: '1', sender_ordinal: '1' },
      { epoch: 1, log_offset: '1', seq: '2', sender_ordinal: '2' },
      { epoch: 2, log_offset: '1', seq: '3', sender_ordinal: '3' },
    ]);
  });

  it('take nothing more once they are closed', async () => {
    await epochs.openFirst(topic);
    await messages.openPosition(1, 0, 0);
    await messages.openPosition(1, 1, 0);
    await epochs.openNext({ closing: 1, topic, carried: [1] });
    expect(await messages.saveBatch({ epoch: 1, partition: 0, expected: 0, next: 1, ...empty })).toBeNull();
    expect(await messages.saveBatch({ epoch: 1, partition: 1, expected: 0, next: 1, ...empty })).toBeNull();
    expect(await messages.openPosition(1, 0, 0)).toBeNull();
    expect(await messages.openPosition(1, 7, 0)).toBeNull();
  });
});

describe('the check of the log epoch', () => {
  const check = (now: typeof topic) => logEpochCheck({ epochs, topic: () => now }).check();

  it('is content before the first start, and with the topic that the epoch was opened for', async () => {
    await check(wider);
    await epochs.openFirst(topic);
    await check(topic);
  });

  it('says what differs', async () => {
    await epochs.openFirst(topic);
    await expect(async () => check(wider)).rejects.toThrow(
      'chat-messages has 24 partitions; log epoch 1 was opened with 12',
    );
    await expect(async () => check({ ...topic, name: 'blue.chat-messages' })).rejects.toThrow(
      'log epoch 1 was opened for chat-messages, not blue.chat-messages',
    );
  });
});
