import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { beforeAll, describe, expect, it } from 'vitest';
import { useOpenDatabase } from '../open-database-under-test.ts';
import { LogUnderTest } from './log-under-test.ts';

const ROOM = asRoomId(1);
const [ANN, BEN] = [asUserId(1), asUserId(2)];

const under = useOpenDatabase();
let log: LogUnderTest;

beforeAll(async () => {
  log = await LogUnderTest.open(under.stored);
});

/** Removes what was stored up to the record, as if a year had passed since. */
async function removeUpTo(offset: number): Promise<number> {
  await under.query(`UPDATE messages SET stored_at = now() - interval '1 year' WHERE log_offset <= $1`, [offset]);
  let sum = 0;
  for (let at: bigint | null = 0n; at !== null;) {
    const bounds = { rooms: 1, rowsPerRoom: 2 };
    const removal = await under.stored.retention.removeOlder(new Date(Date.now() - 86_400_000), at, bounds);
    if (removal.removedCount === 0) at = removal.upToRoomId;
    sum += removal.removedCount;
  }
  return sum;
}

const replayAfter = async (offset: number) =>
  (
    await under.stored.resume.listReplay({
      ...{ roomId: ROOM, after: { epoch: 1, offset }, before: { epoch: 1, offset: log.next } },
      ...{ maxRows: 100, maxBytes: 100_000 },
    })
  )?.map(({ offset: at }) => at);

describe('rows that were removed for their age', () => {
  it('take the reactions to them along, and none of others', async () => {
    await log.store({ senderId: ANN }, { senderId: BEN }, { senderId: ANN, roomId: 2 }, { senderId: ANN });
    await log.store(
      { senderId: BEN, kind: 'REACTION', targetId: 1, content: 'ok' },
      { senderId: BEN, kind: 'REACTION', targetId: 4, content: 'ok' },
      { senderId: BEN },
    );
    expect(await removeUpTo(2)).toBe(3);
    const targets = 'SELECT target_id FROM reactions UNION ALL SELECT target_id FROM reaction_counts';
    expect(await under.query(targets)).toEqual([{ target_id: '4' }, { target_id: '4' }]);
  });

  it('end the history, and are no place to go on from', async () => {
    const { items, hasMore } = await under.stored.messages.listMessages(ROOM, { reader: ANN, limit: 50 });
    expect([items.map(({ message }) => Number(message.id)), hasMore]).toEqual([[4, 7], false]);
    expect(await under.stored.messages.findPlace(ROOM, asMessageId(1))).toBeNull();
    expect((await under.stored.resume.findResumePoint(ROOM, 0, asMessageId(1))).since).toBeNull();
  });

  it('leave no gap unseen in a resume: one that begins at a removed row is none', async () => {
    expect(await replayAfter(0)).toBeUndefined();
    expect(await replayAfter(3)).toEqual([4, 5, 6]);
    expect(await replayAfter(6)).toEqual([]);
  });

  it('are counted on: numbers and ordinals go on, and a name that was removed is new', async () => {
    expect(await log.store({ senderId: ANN, clientMessageId: 'name 0' })).toBe(1);
    expect(await under.query('SELECT seq, sender_ordinal FROM messages WHERE log_offset = $1', [log.next - 1])).toEqual(
      [{ seq: '5', sender_ordinal: '3' }],
    );
    expect(await removeUpTo(log.next - 1)).toBe(5);
    await log.store({ senderId: BEN });
    expect(await under.query('SELECT seq, sender_ordinal FROM messages')).toEqual([{ seq: '6', sender_ordinal: '3' }]);
  });
});
