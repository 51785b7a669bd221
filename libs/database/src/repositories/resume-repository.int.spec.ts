import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { beforeAll, describe, expect, it } from 'vitest';
import { useOpenDatabase } from '../open-database-under-test.ts';
import { HISTORY_START } from './message-repository.ts';
import type { NewestRequest, ResumeRepository } from './resume-repository.ts';

const roomId = asRoomId(77_001);
const under = useOpenDatabase();
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
  resume = under.stored.resume;
  for (const [index, [epoch, offset, id]] of PLACES.entries()) {
    await under.query(
      `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, sent_at)
       VALUES ($1, $2, 3, $3, $6, 1, $4, 9, $5, 'GROUP', now())`,
      [roomId, epoch, offset, id, `text of ${id}`, index + 1],
    );
  }
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

  const newestOf = async (request: Partial<NewestRequest>) => {
    const { rows, earlier, isCut } = await resume.listNewest({ ...everything, messageCount: 10, ...request });
    return [idsOfReplay(rows), earlier === null ? null : earlier.message.id, isCut];
  };

  it('gives its newest before a place, as many as fit, and what comes before them', async () => {
    expect(await newestOf({})).toEqual([[900, 300, 301, 100, 300], null, false]);
    expect(await newestOf({ messageCount: 5 })).toEqual([[900, 300, 301, 100, 300], null, false]);
    expect(await newestOf({ messageCount: 2 })).toEqual([[100, 300], 301, false]);
    expect(await newestOf({ messageCount: 0 })).toEqual([[], 300, false]);
    expect(await newestOf({ messageCount: 2, maxRows: 2 })).toEqual([[100, 300], 301, false]);
    expect(await newestOf({ maxRows: 2 })).toEqual([[100, 300], null, true]);
    expect(await newestOf({ maxBytes: 1_000 })).toEqual([[100, 300], null, true]);
    expect(await newestOf({ before: { epoch: 0, offset: 107 } })).toEqual([[900, 300], null, false]);
  });

  it('counts the newest by messages: what changes messages comes with them, from the first of them on', async () => {
    const other = asRoomId(77_009);
    const insert = (offset: number, seq: number | null, kind: string | null = null) =>
      under.query(
        `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, kind, target_id,
           removed, sent_at) VALUES ($1, 0, 3, $2, $3, 1, $2, 9, 'x', 'GROUP', $4, $5, $6, now())`,
        [other, offset, seq, kind, kind && 1, kind === 'REACTION' || null],
      );
    await insert(1, 1);
    await insert(2, null, 'EDIT');
    await insert(3, 2);
    await insert(4, null, 'REACTION');
    await insert(5, 3);
    await insert(6, null, 'EDIT');
    const idsOf = (messageCount: number) => newestOf({ roomId: other, messageCount });
    expect(await idsOf(1)).toEqual([[5, 6], 4, false]);
    expect(await idsOf(2)).toEqual([[3, 4, 5, 6], 2, false]);
    expect(await idsOf(3)).toEqual([[1, 2, 3, 4, 5, 6], null, false]);
    const [, reaction] = (await resume.listNewest({ ...everything, roomId: other, messageCount: 2 })).rows;
    expect(reaction?.message).toMatchObject({ kind: 'REACTION', targetId: 1, removed: true });
  });

  it('tells where a message lies and how far all is stored, in one moment', async () => {
    const { persistedMessages, logEpochs } = under.stored;
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
    expect(found).toEqual({ message: { id: 900, content: 'text of 900', change: null }, storedUpTo: 42 });
    expect((await resume.findSend(roomId, 77, asUserId(9), 'other')).message).toBeNull();
    expect((await resume.findSend(roomId, 77, asUserId(8), 'k')).message).toBeNull();
    const [first] = (await resume.listReplay(everything)) ?? [];
    expect(first).toMatchObject({ clientMessageId: 'k', offset: 100 });
  });

  it('knows what somebody wants to change, and whether it is deleted', async () => {
    const targetOf = async (id: number) => (await resume.findTarget(roomId, 77, asMessageId(id))).target;
    expect(await resume.findTarget(roomId, 77, asMessageId(900))).toEqual({
      target: { senderId: 9, kind: null, isDeleted: false },
      storedUpTo: 42,
    });
    expect(await targetOf(5)).toBeNull();
    await under.query(
      `INSERT INTO messages (room_id, epoch, partition, log_offset, sender_ordinal, id, sender_id, content, type, kind, target_id, sent_at)
       VALUES ($1, 1, 3, 20, 1, 901, 9, '', 'GROUP', 'DELETE', 900, now())`,
      [roomId],
    );
    expect(await targetOf(900)).toEqual({ senderId: 9, kind: null, isDeleted: true });
    expect(await targetOf(901)).toEqual({ senderId: 9, kind: 'DELETE', isDeleted: false });
  });
});
