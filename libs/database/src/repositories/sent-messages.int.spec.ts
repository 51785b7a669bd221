import { asMessageId, asRoomId, asUserId, type RoomId, type UserId } from '@chat/dto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useOpenDatabase } from '../open-database-under-test.ts';

const AT = new Date('2026-01-02T03:04:05.678Z');
const [alice, bob, carol] = [asUserId(1), asUserId(2), asUserId(3)];
const under = useOpenDatabase();
let roomId: RoomId;
let version: number;

beforeAll(async () => {
  await under.stored.logEpochs.openFirst({ name: 'chat-messages', partitionCount: 1 });
});

beforeEach(async () => {
  roomId = await newRoom();
});

/** A room of Alice and Bob. */
async function newRoom(): Promise<RoomId> {
  const about = { name: 'a', description: 'b', type: 'GROUP', visibility: 'PUBLIC', metadata: {} } as const;
  const { id } = await under.stored.rooms.createRoom({ ...about, ownerId: alice, at: AT });
  version = 0;
  for (const userId of [alice, bob]) await join(userId, id);
  return id;
}

const join = (userId: UserId, room = roomId) =>
  under.stored.members.addMember({ roomId: room, userId, role: 'MEMBER', version: (version += 1) }, AT);

const idAt = (offset: number, room = roomId) => asMessageId(room * 100 + offset);
interface More {
  readonly kind?: string;
  readonly name?: string;
}

/** The record at this offset is the user's; what is no text may not count. */
async function write(offset: number, senderId: UserId, { kind, name }: More = {}, room = roomId): Promise<void> {
  const seq = kind === 'EDIT' ? null : offset + 1;
  await under.query(
    `INSERT INTO messages
       (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, sent_at, kind, client_message_id)
     VALUES ($1, 1, 0, $2, $3, 1, $4, $5, 'hi', 'GROUP', now(), $6, $7)`,
    [room, offset, seq, idAt(offset, room), senderId, kind ?? null, name ?? null],
  );
  await under.query(
    `INSERT INTO room_counters (room_id, last_seq, last_epoch, last_log_offset) VALUES ($1, $2, 1, $3)
     ON CONFLICT (room_id) DO UPDATE SET last_seq = excluded.last_seq, last_log_offset = excluded.last_log_offset`,
    [room, offset + 1, offset],
  );
}

const delivered = (userId: UserId, offset: number) =>
  under.stored.receiptMarks.saveDelivered([{ roomId, userId, position: { epoch: 1, offset }, unbrokenFrom: 0 }]);
const read = (userId: UserId, offset: number) =>
  under.stored.receiptMarks.saveRead([{ roomId, userId, position: { epoch: 1, offset } }]);

/** As offset: delivered/read/of. */
async function reach(userId = alice, afterSeq = 0, maxMessages = 10): Promise<string[]> {
  const found = await under.stored.sentMessages.listReach([{ roomId, userId, afterSeq }], maxMessages);
  return found.map(
    ({ seq, deliveredCount, readCount, recipientCount }) =>
      `${seq - 1}: ${deliveredCount}/${readCount}/${recipientCount}`,
  );
}

describe('the reach of what a user sent', () => {
  it('counts the recipients, who got it, and who has read it, which counts as both', async () => {
    await join(carol);
    for (const offset of [0, 1, 2]) await write(offset, alice);
    await delivered(bob, 2);
    await read(carol, 0);
    await read(bob, 1);
    expect(await reach()).toEqual(['0: 2/2/2', '1: 1/1/2', '2: 1/0/2']);
  });

  it('leaves out the sender, who came later, and who has left', async () => {
    await write(0, bob);
    await write(1, alice);
    await join(carol);
    await write(2, alice);
    await delivered(bob, 2);
    await read(alice, 1);
    expect(await reach()).toEqual(['1: 1/0/1', '2: 1/0/2']);
    await under.stored.members.removeMember(roomId, bob);
    expect(await reach()).toEqual(['1: 0/0/0', '2: 0/0/1']);
  });

  it('is that of messages alone, the newest so many behind a number, of each room and user by themselves', async () => {
    await write(0, alice);
    await write(1, alice, { kind: 'SYSTEM' });
    await write(2, alice, { kind: 'EDIT' });
    await write(3, alice, { name: 'c-1' });
    await write(4, bob);
    const other = await newRoom();
    await write(0, alice, { name: `sha256:${'0'.repeat(64)}` }, other);
    expect([await reach(alice, 0, 1), await reach(alice, 1), await reach(bob)]).toEqual([
      ['3: 0/0/1'],
      ['3: 0/0/1'],
      ['4: 0/0/1'],
    ]);
    const stretches = [
      { roomId: other, userId: alice, afterSeq: 0 },
      { roomId, userId: alice, afterSeq: 1 },
      { roomId, userId: bob, afterSeq: 0 },
      { roomId: asRoomId(999_999), userId: alice, afterSeq: 0 },
    ];
    const found = await under.stored.sentMessages.listReach(stretches, 10);
    expect(found.map((each) => [each.roomId, each.userId, each.messageId, each.clientMessageId])).toEqual([
      [roomId, alice, idAt(3), 'c-1'],
      [roomId, bob, idAt(4), null],
      [other, alice, idAt(0, other), null],
    ]);
    expect(await under.stored.sentMessages.listReach([], 10)).toEqual([]);
  });
});

describe('the reach of what was sent in a large room', () => {
  const MEMBER_COUNT = 100_000;
  const SENDER_COUNT = 100;
  const MESSAGES_EACH = 100;

  /** Members 10_001 and up, whose marks are spread over the log; the first of them have written all of it. */
  async function fill(): Promise<void> {
    await under.query(
      `INSERT INTO memberships (room_id, user_id, role, version, joined_at, joined_epoch, joined_offset)
       SELECT $1, 10_000 + n, 'MEMBER', 9, now(), 1, n % 7 FROM generate_series(1, $2::int) AS n`,
      [roomId, MEMBER_COUNT],
    );
    await under.query(
      `INSERT INTO receipt_marks (room_id, user_id, delivered_epoch, delivered_offset, read_epoch, read_offset)
       SELECT $1, 10_000 + n, 1, n % 10_000, 1, n % 5_000 FROM generate_series(1, $2::int) AS n`,
      [roomId, MEMBER_COUNT],
    );
    await under.query(
      `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, sent_at)
       SELECT $1, 1, 0, n, n + 1, 1, n + 1, 10_001 + n % $3, 'hi', 'GROUP', now() FROM generate_series(0, $2::int - 1) AS n`,
      [roomId, SENDER_COUNT * MESSAGES_EACH, SENDER_COUNT],
    );
  }

  it('comes well within the time of a statement, for as many messages and senders as are asked for at once', async () => {
    await fill();
    const stretches = Array.from({ length: SENDER_COUNT }, (_, n) => ({
      ...{ roomId, userId: asUserId(10_001 + n), afterSeq: 0 },
    }));
    const found = await under.stored.sentMessages.listReach(stretches, MESSAGES_EACH);
    expect(found).toHaveLength(SENDER_COUNT * MESSAGES_EACH);
    const last = found.find(({ seq }) => seq === 5_001);
    expect(last).toMatchObject({
      userId: 10_001,
      recipientCount: MEMBER_COUNT + 1,
      deliveredCount: 50_000,
      readCount: 0,
    });
  }, 60_000);
});

describe('whether a message is stored', () => {
  it('is told by its id, or by its name, whose first message it is then', async () => {
    await write(0, alice, { name: 'c-1' });
    await write(1, alice);
    const key = (offset: number, clientMessageId: string | null = null, senderId = alice) => ({
      ...{ roomId, senderId, messageId: idAt(offset), clientMessageId },
    });
    const found = await under.stored.sentMessages.findStoredIds([
      key(0, 'c-1'),
      key(1),
      key(7),
      key(8, 'c-1'),
      key(1, null, bob),
      key(9, 'c-9'),
    ]);
    expect(found).toEqual([idAt(0), idAt(1), undefined, idAt(0), undefined, undefined]);
  });
});
