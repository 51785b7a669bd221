import { asMessageId, asRoomId, asUserId, type UserId } from '@chat/dto';
import { beforeAll, describe, expect, it } from 'vitest';
import { useOpenDatabase } from '../open-database-under-test.ts';
import { LogUnderTest, type RecordUnderTest } from '../persisted-messages/log-under-test.ts';

const CANARY = 'canary-5f2c';
const ROOM = asRoomId(1);
const OTHER_ROOM = asRoomId(2);
const GONE = asUserId(1);
const BOB = asUserId(2);
const AT = new Date('2026-01-02T03:04:05.678Z');

const under = useOpenDatabase();
let log: LogUnderTest;

beforeAll(async () => {
  log = await LogUnderTest.open(under.stored);
  for (const name of ['one', 'two'])
    await under.stored.rooms.createRoom({
      ...{ name, description: '', type: 'GROUP', visibility: 'PUBLIC', metadata: {} },
      ownerId: BOB,
      at: AT,
    });
  for (const roomId of [ROOM, OTHER_ROOM])
    for (const userId of [GONE, BOB])
      await under.stored.members.addMember({ roomId, userId, role: 'MEMBER', version: 1 }, AT);
});

/** A record of the user whose data go, with the canary in all that is text. */
const own = (more: Partial<RecordUnderTest>): RecordUnderTest => ({
  senderId: GONE,
  content: CANARY,
  clientMessageId: null,
  ...more,
});

/** What a user has written is all erased, a few rows at a time; how many there were. */
async function eraseAll(userId: UserId): Promise<number> {
  const { erasures } = under.stored;
  const steps = [erasures.eraseTexts, erasures.eraseChanges, erasures.eraseNotices, erasures.eraseLastSeen];
  let sum = await erasures.eraseIdentity(userId);
  for (const step of steps) for (let count = 1; count > 0; sum += count) count = await step(userId, 3);
  return sum;
}

/** The tables that hold the canary in any column. */
async function tablesWithCanary(): Promise<readonly string[]> {
  const tables = await under.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await under.query<{ count: string }>(
      `SELECT count(*) FROM "${name}" AS t WHERE to_jsonb(t)::text LIKE '%${CANARY}%'`,
    );
    if (row?.count !== '0') found.push(name);
  }
  return found;
}

describe('what a user wrote and what is known of them', () => {
  it('is nowhere after the erasure, while places, numbers and what is unread are as they were', async () => {
    await log.store(
      own({}),
      { senderId: BOB, content: 'of bob', clientMessageId: null },
      own({ roomId: OTHER_ROOM }),
      own({ kind: 'EDIT', targetId: 1 }),
      own({ kind: 'REACTION', targetId: 2 }),
      own({ kind: 'REACTION', targetId: 2, content: 'ok' }),
      { senderId: BOB, kind: 'REACTION', targetId: 2, content: 'ok', clientMessageId: null },
      {
        senderId: BOB,
        kind: 'SYSTEM',
        clientMessageId: null,
        system: `{"event":"MEMBER_REMOVED","userId":1,"version":3}`,
      },
      ...Array.from({ length: 7 }, (_, at) => own({ clientMessageId: `${CANARY} ${at}` })),
    );
    await under.stored.users.saveUsernames(new Map([[GONE, CANARY]]), AT);
    await under.stored.invitations.saveInvitation(
      { roomId: ROOM, userId: GONE, role: 'MEMBER', invitedBy: BOB, expiresAt: null },
      AT,
    );
    await under.query(
      `INSERT INTO bans (room_id, user_id, banned_by, reason, created_at) VALUES (1, 1, 2, $1, now())`,
      [CANARY],
    );
    await under.stored.lastSeen.saveLastSeen([{ roomId: ROOM, userId: GONE, lastSeenAt: AT }]);
    const command = {
      target: 'user:1',
      commandId: '5',
      command: CANARY,
      logOffset: 1,
      expiresAt: new Date('2100-01-01'),
    };
    await under.stored.keptCommands.keepCommands([command], { perUser: 9, shared: 9 });
    expect(await tablesWithCanary()).toEqual([
      'bans',
      'kept_commands',
      'messages',
      'reaction_counts',
      'reactions',
      'users',
    ]);
    const places = () =>
      under.query('SELECT room_id, log_offset, seq, behind_seq, sender_ordinal, id FROM messages ORDER BY log_offset');
    const unread = () => under.stored.unread.listUnreadOf(BOB);
    const before = { places: await places(), unread: await unread() };

    expect(await eraseAll(GONE)).toBe(9 + 3 + 1 + 1 + 4);

    expect(await tablesWithCanary()).toEqual([]);
    expect({ places: await places(), unread: await unread() }).toEqual(before);
    expect(await under.stored.keptCommands.listDelivered(GONE, ['5'])).toEqual(['5']);
    expect(await eraseAll(GONE), 'again').toBe(0);
  });

  it('is shown as deleted, in history, as last message and in what is replayed', async () => {
    const { items } = await under.stored.messages.listMessages(ROOM, { reader: BOB, limit: 50 });
    const shown = items.map(({ message }) => message).filter(({ kind }) => kind === undefined);
    expect(shown.filter(({ senderId }) => senderId === GONE).length).toBe(8);
    for (const { senderId, content, deletedAt, editedAt } of shown) {
      expect(content).toBe(senderId === GONE ? '' : 'of bob');
      expect(deletedAt !== undefined).toBe(senderId === GONE);
      expect(editedAt).toBeUndefined();
    }
    expect(shown.find(({ senderId }) => senderId === BOB)?.reactions).toEqual([
      { content: 'ok', count: 1, isOwn: true },
    ]);
    const { items: rooms } = await under.stored.roomsOfUser.listRoomsOf(BOB, { page: 0, size: 10 });
    expect(rooms.map(({ lastMessage }) => [lastMessage?.content, lastMessage?.deletedAt !== undefined])).toEqual([
      ['', true],
      ['', true],
    ]);
    const after = { epoch: -1, offset: -1 };
    const before = { epoch: 1, offset: log.next };
    const replay = await under.stored.resume.listReplay({
      roomId: ROOM,
      after,
      before,
      maxRows: 100,
      maxBytes: 100_000,
    });
    for (const { message } of replay ?? []) {
      const isErasedText = message.senderId === GONE && message.kind === undefined;
      expect(message.deletedAt !== undefined, `${message.id}`).toBe(isErasedText);
    }
  });

  it('is answered for a SEND that is sent again, whatever its body', async () => {
    await log.store(
      { senderId: BOB, content: CANARY, clientMessageId: 'own' },
      { senderId: BOB, kind: 'DELETE', targetId: log.next + 1, content: '', clientMessageId: null },
    );
    const { message } = await under.stored.resume.findSend(ROOM, 0, BOB, 'own');
    expect(message).toEqual({ id: asMessageId(log.next - 1), content: null, change: null });
    expect(await tablesWithCanary()).toEqual([]);
  });

  it('goes on with what was written since', async () => {
    await log.store(own({ clientMessageId: 'one' }), own({ clientMessageId: 'two' }));
    expect(await eraseAll(GONE)).toBe(2);
  });
});

describe('what comes late of a user whose data are erased', () => {
  const LATE = asUserId(7);
  const named = () => under.stored.users.usernamesOf([LATE]);
  const saveName = () => under.stored.users.saveUsernames(new Map([[LATE, 'late']]), AT);
  const saveSeen = (msFromNow: number) =>
    under.stored.lastSeen.saveLastSeen([{ roomId: ROOM, userId: LATE, lastSeenAt: new Date(Date.now() + msFromNow) }]);
  const seen = () => under.stored.lastSeen.findLastSeen(ROOM, LATE);

  it('is not kept, neither name nor when a room was last seen', async () => {
    await under.stored.erasures.request(LATE);
    await under.stored.erasures.noteSessionsEnded(LATE);
    expect(await saveName()).toEqual(new Set());
    await saveSeen(3_600_000);
    await under.stored.erasures.complete(LATE);
    await saveSeen(-1_000);
    expect(await seen()).toBeNull();
    expect(await named()).toEqual(new Map([[LATE, 'user-7']]));
  });

  it('is kept of who has come back since as somebody new', async () => {
    expect(await saveName()).toEqual(new Set([LATE]));
    await saveSeen(61_000);
    expect(await named()).toEqual(new Map([[LATE, 'late']]));
    expect(await seen()).not.toBeNull();
  });
});

describe('a request of an erasure', () => {
  it('is one until it is complete, and then another one, for which sessions were not ended', async () => {
    const first = await under.stored.erasures.request(GONE);
    expect(first.sessionsEndedMsAgo).toBeNull();
    await under.stored.erasures.noteSessionsEnded(GONE);
    const second = await under.stored.erasures.request(GONE);
    expect(second.requestedAt).toEqual(first.requestedAt);
    expect(second.sessionsEndedMsAgo).toBeGreaterThanOrEqual(0);
    await under.stored.erasures.complete(GONE);
    const again = await under.stored.erasures.request(GONE);
    expect(again.requestedAt.getTime()).toBeGreaterThan(first.requestedAt.getTime());
    expect(again.sessionsEndedMsAgo).toBeNull();
  });
});
