import { asMessageId, asUserId, type RoomId, type UserId } from '@chat/dto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useOpenDatabase } from '../open-database-under-test.ts';
import type { ReceiptMarkRepository } from './receipt-mark-repository.ts';

const AT = new Date('2026-01-02T03:04:05.678Z');
const [alice, bob, carol] = [asUserId(1), asUserId(2), asUserId(3)];
const under = useOpenDatabase();
let marks: ReceiptMarkRepository;
let roomId: RoomId;
let version: number;

beforeAll(async () => {
  marks = under.stored.receiptMarks;
  await under.stored.logEpochs.openFirst({ name: 'chat-messages', partitionCount: 1 });
});

/** A room of Alice and Bob. */
beforeEach(async () => {
  const about = { name: 'a', description: 'b', type: 'GROUP', visibility: 'PUBLIC', metadata: {} } as const;
  ({ id: roomId } = await under.stored.rooms.createRoom({ ...about, ownerId: alice, at: AT }));
  version = 0;
  await join(alice);
  await join(bob);
});

const join = (userId: UserId) =>
  under.stored.members.addMember({ roomId, userId, role: 'MEMBER', version: (version += 1) }, AT);

const idAt = (offset: number) => roomId * 100 + offset;

/** The record at this offset is a message by the user. */
async function write(offset: number, senderId: UserId): Promise<void> {
  await under.query(
    `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, sent_at)
     VALUES ($1, 1, 0, $2, $3, 1, $4, $5, 'hi', 'GROUP', now())`,
    [roomId, offset, offset + 1, idAt(offset), senderId],
  );
  await under.query(
    `INSERT INTO room_counters (room_id, last_seq, last_epoch, last_log_offset) VALUES ($1, $2, 1, $3)
     ON CONFLICT (room_id) DO UPDATE SET last_seq = excluded.last_seq, last_log_offset = excluded.last_log_offset`,
    [roomId, offset + 1, offset],
  );
}

const positionAt = (offset: number) => ({ epoch: 1, offset });
const delivered = (userId: UserId, offset: number, unbrokenFrom: number) =>
  marks.saveDelivered([{ roomId, userId, position: positionAt(offset), unbrokenFrom }]);
const read = (userId: UserId, offset: number) => marks.saveRead([{ roomId, userId, position: positionAt(offset) }]);

/** What became of the message at the offset, by user id. */
async function statesAt(offset: number): Promise<Record<number, string>> {
  const found = await marks.findDelivery(roomId, asMessageId(idAt(offset)));
  const stateOf = ({ isDelivered, isRead }: { isDelivered: boolean; isRead: boolean }) =>
    `${isDelivered ? 'delivered' : 'waits'}${isRead ? ', read' : ''}`;
  return Object.fromEntries((found ?? []).map((each) => [each.userId, stateOf(each)]));
}

describe('a mark of delivery', () => {
  it('counts again where what was left out before it was read', async () => {
    for (const offset of [0, 1, 2, 3]) await write(offset, alice);
    await delivered(bob, 3, 2);
    expect(await statesAt(3)).toEqual({ [bob]: 'waits' });
    await read(bob, 1);
    await delivered(bob, 3, 2);
    expect(await statesAt(3)).toEqual({ [bob]: 'delivered' });
  });

  it('covers everything up to it, and nothing behind it', async () => {
    for (const offset of [0, 1, 2]) await write(offset, alice);
    await delivered(bob, 1, 0);
    expect([await statesAt(0), await statesAt(1), await statesAt(2)]).toEqual([
      { [bob]: 'delivered' },
      { [bob]: 'delivered' },
      { [bob]: 'waits' },
    ]);
  });

  it('never falls, in whatever order marks come', async () => {
    for (const offset of [0, 1, 2]) await write(offset, alice);
    for (const offset of [2, 0, 1]) await delivered(bob, offset, 0);
    expect(await statesAt(2)).toEqual({ [bob]: 'delivered' });
  });

  it('does not count where a message before it was left out, and does once that was delivered', async () => {
    for (const offset of [0, 1, 2]) await write(offset, alice);
    await delivered(bob, 0, 0);
    await delivered(bob, 2, 2);
    expect([await statesAt(1), await statesAt(2)]).toEqual([{ [bob]: 'waits' }, { [bob]: 'waits' }]);
    await delivered(bob, 1, 1);
    await delivered(bob, 2, 2);
    expect(await statesAt(2)).toEqual({ [bob]: 'delivered' });
  });

  it('counts where nothing but the own messages, or what was before the joining, was left out', async () => {
    await write(0, alice);
    await join(carol);
    await write(1, carol);
    await write(2, alice);
    await delivered(carol, 2, 2);
    expect(await statesAt(2)).toEqual({ [bob]: 'waits', [carol]: 'delivered' });
    expect(await statesAt(0)).toEqual({ [bob]: 'waits' });
  });

  it('of an older log is below every one of a newer', async () => {
    await write(7, alice);
    await marks.saveDelivered([{ roomId, userId: bob, position: { epoch: 0, offset: 900 }, unbrokenFrom: 0 }]);
    expect(await statesAt(7)).toEqual({ [bob]: 'waits' });
    await delivered(bob, 7, 0);
    expect(await statesAt(7)).toEqual({ [bob]: 'delivered' });
  });
});

describe('a mark of reading', () => {
  it('covers all before, never falls, and is apart from delivery', async () => {
    for (const offset of [0, 1, 2]) await write(offset, alice);
    await read(bob, 1);
    await read(bob, 0);
    expect([await statesAt(0), await statesAt(1), await statesAt(2)]).toEqual([
      { [bob]: 'waits, read' },
      { [bob]: 'waits, read' },
      { [bob]: 'waits' },
    ]);
    await delivered(bob, 2, 0);
    expect([await statesAt(1), await statesAt(2)]).toEqual([{ [bob]: 'delivered, read' }, { [bob]: 'delivered' }]);
  });
});

describe('marks', () => {
  it('of who is no member leave nothing, and go with the membership', async () => {
    await write(0, alice);
    await delivered(carol, 0, 0);
    await read(carol, 0);
    await delivered(bob, 0, 0);
    await under.stored.members.removeMember(roomId, bob);
    expect(await under.query('SELECT user_id FROM receipt_marks WHERE room_id = $1', [roomId])).toEqual([]);
    await join(bob);
    expect(await statesAt(0)).toEqual({});
  });

  it('of an unknown message are null', async () => {
    expect(await marks.findDelivery(roomId, asMessageId(5))).toBeNull();
  });
});
