import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type DatabaseService } from '../database.ts';
import { HISTORY_START } from './message-repository.ts';
import type { ResumeRepository } from './resume-repository.ts';

const roomId = asRoomId(77_001);
let under: DatabaseUnderTest;
let database: DatabaseService;
let resume: ResumeRepository;

/** Two logs: the second begins at low offsets again, and a foreign producer used the id 300 twice. */
const PLACES = [
  [0, 100, 900],
  [0, 105, 300],
  [0, 107, 301],
  [1, 4, 100],
  [1, 9, 300],
] as const;

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({
    databaseUrl: under.url,
    logger: createLogger('spec', { level: 'silent', instanceId: 'spec' }),
  });
  await database.start();
  resume = database.repositories.resume;
  for (const [epoch, offset, id] of PLACES) {
    await under.query(
      `INSERT INTO messages (room_id, epoch, partition, log_offset, sender_ordinal, id, sender_id, content, type, sent_at)
       VALUES ($1, $2, 3, $3, 1, $4, 9, $5, 'GROUP', now())`,
      [roomId, epoch, offset, id, `text of ${id}`],
    );
  }
});
afterAll(async () => {
  await database?.stop();
  await under?.cleanUp();
});

describe('what a client missed', () => {
  const idsOfReplay = (rows: readonly { message: { id: number } }[] | null) => rows?.map(({ message }) => message.id);
  const everything = { roomId, after: HISTORY_START, before: { epoch: 2, offset: 0 }, maxRows: 10, maxBytes: 10_000 };

  it('is replayed between two places, both left out, or not at all where it is too much', async () => {
    expect(idsOfReplay(await resume.listReplay(everything))).toEqual([900, 300, 301, 100, 300]);
    const between = { ...everything, after: { epoch: 0, offset: 105 }, before: { epoch: 1, offset: 9 } };
    expect(idsOfReplay(await resume.listReplay(between))).toEqual([301, 100]);
    expect(await resume.listReplay({ ...everything, maxRows: 4 })).toBeNull();
    expect(await resume.listReplay({ ...everything, maxRows: 5 })).toHaveLength(5);
    expect(await resume.listReplay({ ...everything, maxBytes: 1_000 })).toBeNull();
  });

  it('gives its newest before a place, as many as fit', async () => {
    const { after: _, ...newest } = everything;
    expect(idsOfReplay(await resume.listNewest({ ...newest, maxRows: 2 }))).toEqual([100, 300]);
    expect(idsOfReplay(await resume.listNewest({ ...newest, maxBytes: 1_000 }))).toEqual([100, 300]);
    const early = { ...newest, before: { epoch: 0, offset: 107 } };
    expect(idsOfReplay(await resume.listNewest(early))).toEqual([900, 300]);
  });

  it('tells where a message lies and how far all is stored, in one moment', async () => {
    const { persistedMessages, logEpochs } = database.repositories;
    const { epoch } = await logEpochs.openFirst({ name: 'chat-messages', partitionCount: 12 });
    await persistedMessages.openPosition(epoch, 77, 42);
    expect(await resume.findResumePoint(roomId, 77, asMessageId(300))).toEqual({
      epoch,
      storedUpTo: 42,
      since: { epoch: 0, offset: 105 },
    });
    expect(await resume.listStoredPositions()).toEqual([{ partition: 77, storedUpTo: 42 }]);
    expect(await resume.findResumePoint(roomId, 78, asMessageId(5))).toEqual({
      epoch,
      storedUpTo: 0,
      since: null,
    });
    expect((await resume.findResumePoint(roomId, 77, null)).since).toBeNull();
  });

  it('knows a message by the name that its sender gave it', async () => {
    await under.query('UPDATE messages SET client_message_id = $1 WHERE room_id = $2 AND id = 900', ['k', roomId]);
    const found = await resume.findSend(roomId, 77, asUserId(9), 'k');
    expect(found).toEqual({ message: { id: 900, content: 'text of 900' }, storedUpTo: 42 });
    expect((await resume.findSend(roomId, 77, asUserId(9), 'other')).message).toBeNull();
    expect((await resume.findSend(roomId, 77, asUserId(8), 'k')).message).toBeNull();
    const [first] = (await resume.listReplay(everything)) ?? [];
    expect(first).toMatchObject({ clientMessageId: 'k', offset: 100 });
  });
});
