import { asMessageId, asRoomId, asUserId, type MemberRole, type UserId } from '@chat/dto';
import { beforeAll, describe, expect, it } from 'vitest';
import { useOpenDatabase } from '../open-database-under-test.ts';
import { HISTORY_START, type HistoryRequest } from './message-repository.ts';

const AT = new Date('2026-01-02T03:04:05.678Z');
const under = useOpenDatabase();

beforeAll(async () => {
  await under.stored.logEpochs.openFirst({ name: 'chat-messages', partitionCount: 12 });
});

let lastUserId = 1_000;
const newUser = (): UserId => asUserId((lastUserId += 1));

async function newRoom(ownerId: UserId, visibility: 'PUBLIC' | 'PRIVATE' = 'PUBLIC') {
  const about = { name: 'Dev Chatroom', description: 'Chat for developers', type: 'GROUP' } as const;
  const room = { ...about, visibility, ownerId, metadata: { a: [1] } };
  const created = await under.stored.rooms.createRoom({ ...room, at: AT });
  await under.stored.members.addMember({ roomId: created.id, userId: ownerId, role: 'OWNER', version: 1 }, AT);
  return created;
}

describe('rooms', () => {
  it('gives back what was saved, instants to the millisecond', async () => {
    const ownerId = newUser();
    const created = await newRoom(ownerId, 'PRIVATE');
    expect(await under.stored.rooms.getRoom(created.id)).toEqual({
      id: created.id,
      name: 'Dev Chatroom',
      description: 'Chat for developers',
      type: 'GROUP',
      visibility: 'PRIVATE',
      status: 'ACTIVE',
      ownerId,
      metadata: { a: [1] },
      version: 1,
      createdAt: AT,
      updatedAt: AT,
    });
  });

  it('find answers null and get throws ROOM_NOT_FOUND where there is no such room', async () => {
    expect(await under.stored.rooms.findRoom(asRoomId(999_999))).toBeNull();
    await expect(under.stored.rooms.getRoom(asRoomId(999_999))).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
    await expect(
      under.database.transaction(({ rooms }) => rooms.getRoomForUpdate(asRoomId(999_999))),
    ).rejects.toMatchObject({
      code: 'ROOM_NOT_FOUND',
    });
  });

  it('every change raises the version', async () => {
    const room = await newRoom(newUser());
    const later = new Date('2026-02-02T00:00:00Z');
    const changed = await under.stored.rooms.saveRoom(room.id, { name: 'Other', metadata: {} }, later);
    expect(changed).toMatchObject({ name: 'Other', metadata: {}, description: 'Chat for developers', version: 2 });
    expect(changed.updatedAt).toEqual(later);
    expect(await under.stored.rooms.raiseVersion(room.id)).toBe(3);
  });

  it('lists public rooms that are not archived, newest first, page by page', async () => {
    const before = (await under.stored.rooms.listPublicRooms({ page: 0, size: 1 })).totalCount;
    const one = await newRoom(newUser());
    await newRoom(newUser(), 'PRIVATE');
    const archived = await newRoom(newUser());
    await under.stored.rooms.saveRoom(archived.id, { status: 'ARCHIVED' }, AT);
    const two = await newRoom(newUser());
    const first = await under.stored.rooms.listPublicRooms({ page: 0, size: 1 });
    const second = await under.stored.rooms.listPublicRooms({ page: 1, size: 1 });
    expect([first.items[0]?.id, second.items[0]?.id]).toEqual([two.id, one.id]);
    expect(first.totalCount).toBe(before + 2);
  });

  it('of 30 that create the room of one pair at once exactly one gets it, whoever is named first', async () => {
    const [ada, bob] = [newUser(), newUser()];
    const created = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        under.stored.rooms.createDirectRoom({
          ownerId: index % 2 === 0 ? ada : bob,
          otherUserId: index % 2 === 0 ? bob : ada,
          at: AT,
        }),
      ),
    );
    const winners = created.filter((room) => room !== null);
    expect(winners).toHaveLength(1);
    expect(await under.stored.rooms.findDirectRoom(bob, ada)).toEqual(winners[0]);
    expect(winners[0]).toMatchObject({ type: 'DIRECT', visibility: 'PRIVATE' });
  });

  it('one change of a room waits for the other', async () => {
    const room = await newRoom(newUser());
    const raise = () =>
      under.database.transaction(async ({ rooms }) => {
        const { version } = await rooms.getRoomForUpdate(room.id);
        return [version, await rooms.raiseVersion(room.id)];
      });
    const seen = await Promise.all(Array.from({ length: 10 }, raise));
    expect(seen.sort((a, b) => Number(a[0]) - Number(b[0]))).toEqual(
      Array.from({ length: 10 }, (_, index) => [index + 1, index + 2]),
    );
  });
});

describe('members, invitations and what gateways load', () => {
  it('tells a membership with the state of its room', async () => {
    const owner = newUser();
    const room = await newRoom(owner, 'PRIVATE');
    const expected = {
      roomId: room.id,
      roomType: 'GROUP',
      roomStatus: 'ACTIVE',
      visibility: 'PRIVATE',
      roomVersion: 1,
      role: 'OWNER',
      version: 1,
    };
    expect(await under.stored.memberships.listMembershipsOf([owner, newUser()])).toEqual(
      new Map([[owner, [expected]]]),
    );
    expect(await under.stored.memberships.listMembershipsOf([])).toEqual(new Map());
    expect(await under.stored.memberships.findAccess(asRoomId(999_999), owner)).toBeNull();
  });

  it('the longest admin is the heir of a room, else the longest member, and nobody where nobody else is there', async () => {
    const owner = newUser();
    const room = await newRoom(owner);
    const heir = async () => (await under.stored.members.findHeir(room.id, owner))?.userId ?? null;
    expect(await heir()).toBeNull();
    const [late, long, admin] = [newUser(), newUser(), newUser()];
    const add = (userId: UserId, role: MemberRole, afterMs: number) =>
      under.stored.members.addMember({ roomId: room.id, userId, role, version: 2 }, new Date(AT.getTime() + afterMs));
    await add(late, 'MEMBER', 2);
    expect(await heir()).toBe(late);
    await add(long, 'MEMBER', 1);
    expect(await heir()).toBe(long);
    await add(newUser(), 'ADMIN', 4);
    await add(admin, 'ADMIN', 3);
    expect(await heir()).toBe(admin);
  });

  it('a role changes, a member goes', async () => {
    const room = await newRoom(newUser());
    const member = newUser();
    await under.stored.members.addMember({ roomId: room.id, userId: member, role: 'MEMBER', version: 2 }, AT);
    await under.stored.members.saveRole({ roomId: room.id, userId: member, role: 'ADMIN', version: 3 });
    expect(await under.stored.members.getMember(room.id, member)).toEqual({
      userId: member,
      role: 'ADMIN',
      joinedAt: AT,
    });
    expect((await under.stored.memberships.listMembershipsOf([member])).get(member)).toMatchObject([
      { role: 'ADMIN', version: 3 },
    ]);
    expect(await under.stored.members.countMembers(room.id, 10)).toBe(2);
    expect(await under.stored.members.countMembers(room.id, 1)).toBe(1);
    await under.stored.members.removeMember(room.id, member);
    await expect(under.stored.members.getMember(room.id, member)).rejects.toMatchObject({ code: 'MEMBER_NOT_FOUND' });
  });

  it('tells apart a member, an invited user and a stranger of a room', async () => {
    const owner = newUser();
    const [invited, stranger] = [newUser(), newUser()];
    const room = await newRoom(owner, 'PRIVATE');
    await under.stored.invitations.saveInvitation(
      { roomId: room.id, userId: invited, role: 'ADMIN', invitedBy: owner, expiresAt: null },
      AT,
    );
    const accessOf = (userId: UserId) => under.stored.memberships.findAccess(room.id, userId);
    expect(await accessOf(owner)).toMatchObject({ role: 'OWNER', isInvited: false });
    expect(await accessOf(invited)).toMatchObject({ role: null, isInvited: true });
    expect(await accessOf(stranger)).toMatchObject({ role: null, isInvited: false });
    expect(await under.stored.invitations.findInvitation(room.id, invited, AT)).toMatchObject({
      role: 'ADMIN',
      invitedBy: owner,
    });
    expect(await under.stored.invitations.removeInvitation(room.id, invited, AT)).toBe(true);
    expect(await under.stored.invitations.removeInvitation(room.id, invited, AT)).toBe(false);
  });

  it('gives all members with the version of the same instant', async () => {
    const owner = newUser();
    const room = await newRoom(owner);
    const member = newUser();
    await under.stored.members.addMember({ roomId: room.id, userId: member, role: 'MEMBER', version: 2 }, AT);
    const loaded = await under.stored.memberships.findMembersAtVersion(room.id);
    expect(loaded?.roomVersion).toBe(1);
    expect(new Set(loaded?.userIds)).toEqual(new Set([owner, member]));
    expect(new Set(await under.stored.memberships.listMemberIds(room.id))).toEqual(new Set([owner, member]));
    expect(await under.stored.memberships.findMembersAtVersion(asRoomId(999_999))).toBeNull();
  });
});

describe('users', () => {
  it('keeps the latest username and falls back for users never seen', async () => {
    const [known, unknown] = [newUser(), newUser()];
    await under.stored.users.saveUsernames(new Map([[known, 'ada']]), AT);
    await under.stored.users.saveUsernames(new Map([[known, 'ada.l']]), AT);
    const usernames = await under.stored.users.usernamesOf([known, unknown]);
    expect([...usernames]).toEqual([
      [known, 'ada.l'],
      [unknown, `user-${unknown}`],
    ]);
    expect((await under.stored.users.usernamesOf([])).size).toBe(0);
  });

  it('has the usernames that are asked for in a room, and none in a room that there is not', async () => {
    const [owner, known, unknown] = [newUser(), newUser(), newUser()];
    const room = await newRoom(owner);
    await under.stored.users.saveUsernames(new Map([[known, 'ada']]), AT);
    expect([...((await under.stored.users.usernamesAskedIn(room.id, [unknown, known])) ?? [])]).toEqual([
      [unknown, `user-${unknown}`],
      [known, 'ada'],
    ]);
    expect(await under.stored.users.usernamesAskedIn(room.id, [unknown])).toEqual(
      new Map([[unknown, `user-${unknown}`]]),
    );
    expect(await under.stored.users.usernamesAskedIn(asRoomId(999_999), [known])).toBeNull();
  });

  it('writes only when the username is another', async () => {
    const userId = newUser();
    await under.stored.users.saveUsernames(new Map([[userId, 'ada']]), AT);
    await under.stored.users.saveUsernames(new Map([[userId, 'ada']]), new Date());
    expect(await under.query('SELECT seen_at FROM users WHERE id = $1', [userId])).toEqual([{ seen_at: AT }]);
  });
});

describe('the history of a room', () => {
  const roomId = asRoomId(77_001);
  const reader = asUserId(9);
  const insert = (epoch: number, offset: number, id: number, seq: number | null, kind: string | null = null) =>
    under.query(
      `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, kind, sent_at)
       VALUES ($1, $2, 3, $3, $4, 1, $5, 9, $6, 'GROUP', $7, $8)`,
      [roomId, epoch, offset, seq, id, `text of ${id}`, kind, AT],
    );

  beforeAll(async () => {
    await insert(0, 100, 900, 1); // ids do not follow the order of the log
    await insert(0, 105, 300, 2);
    await insert(0, 107, 301, null, 'EDIT');
    await under.query('UPDATE messages SET behind_seq = 2 WHERE room_id = $1 AND seq IS NULL', [roomId]);
    await insert(1, 4, 100, 3); // another log begins at low offsets again
    await insert(1, 9, 300, 4); // a foreign producer used 300 again
  });

  const idsOf = (slice: { items: readonly { message: { id: number } }[] }) =>
    slice.items.map(({ message }) => message.id);

  it('is in the order of the log, whatever the ids are, without what changes messages', async () => {
    const slice = await under.stored.messages.listMessages(roomId, { reader, limit: 10 });
    expect(idsOf(slice)).toEqual([900, 300, 100, 300]);
    expect(slice.hasMore).toBe(false);
    expect(slice.items[1]).toEqual({
      message: {
        id: 300,
        senderId: 9,
        roomId,
        content: 'text of 300',
        type: 'GROUP',
        timestamp: '2026-01-02T03:04:05.678Z',
      },
      position: { epoch: 0, partition: 3, offset: 105 },
    });
  });

  it('pages backwards from the newest, and forwards from the first, without gap or overlap', async () => {
    const pageOf = async (request: Partial<HistoryRequest>) => {
      const slice = await under.stored.messages.listMessages(roomId, { reader, limit: 2, ...request });
      return [idsOf(slice), slice.hasMore];
    };
    const placeOf = async (id: number) => {
      const place = await under.stored.messages.findPlace(roomId, asMessageId(id));
      if (place === null) throw new Error(`no place of ${id}`);
      return place;
    };
    expect(await pageOf({})).toEqual([[100, 300], true]);
    expect(await pageOf({ before: await placeOf(100) })).toEqual([[900, 300], false]);
    expect(await pageOf({ before: await placeOf(300) })).toEqual([[900], false]);
    expect(await pageOf({ after: HISTORY_START, limit: 3 })).toEqual([[900, 300, 100], true]);
    expect(await pageOf({ after: await placeOf(300) })).toEqual([[100, 300], false]);
    const edit = await placeOf(301); // between 300 and 100
    expect(await pageOf({ before: edit })).toEqual([[900, 300], false]);
    expect(await pageOf({ after: edit })).toEqual([[100, 300], false]);
  });

  it('shows of many different reactions the 20 most used, and which of them are the reader’s own', async () => {
    await under.query(
      `INSERT INTO reaction_counts (room_id, target_id, content, user_count)
       SELECT $1, 900, 'r' || lpad(n::text, 2, '0'), n / 2 FROM generate_series(0, 29) AS n`,
      [roomId],
    );
    await under.query(`INSERT INTO reactions VALUES ($1, 900, 'r28', 9), ($1, 900, 'r29', 8), ($1, 300, 'r27', 9)`, [
      roomId,
    ]);
    const [first, second] = (await under.stored.messages.listMessages(roomId, { reader, limit: 10 })).items;
    const shown = first?.message.reactions ?? [];
    expect(shown.slice(0, 3)).toEqual([
      { content: 'r28', count: 14, isOwn: true },
      { content: 'r29', count: 14, isOwn: false },
      { content: 'r26', count: 13, isOwn: false },
    ]);
    expect(shown.map(({ count }) => count)).toEqual(Array.from({ length: 20 }, (_, at) => 14 - Math.floor(at / 2)));
    expect(second?.message).not.toHaveProperty('reactions');
    await under.query('DELETE FROM reaction_counts WHERE room_id = $1', [roomId]);
  });

  it('finds the first place of an id, and none in another room', async () => {
    expect(await under.stored.messages.findPosition(roomId, asMessageId(300))).toEqual({
      epoch: 0,
      partition: 3,
      offset: 105,
    });
    expect(await under.stored.messages.findPosition(asRoomId(77_002), asMessageId(300))).toBeNull();
    expect(await under.stored.messages.findPlace(asRoomId(77_002), asMessageId(300))).toBeNull();
  });

  it('gives a list of rooms the newest message that counts, newest activity first', async () => {
    const user = newUser();
    const [quiet, busy, newer] = [await newRoom(user), await newRoom(user), await newRoom(user)];
    const write = (offset: number, seq: number | null, storedAt: string) =>
      under.query(
        `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, kind, sent_at, stored_at)
         VALUES ($1, 0, 0, $2, $3, 1, $2, 9, 'hi', 'GROUP', $4, $5, $6)`,
        [busy.id, offset, seq, seq === null ? 'REACTION' : null, AT, storedAt],
      );
    await write(1, 1, '2026-03-01T00:00:00Z');
    await write(2, 2, '2026-03-02T00:00:00Z');
    await write(3, null, '2026-03-03T00:00:00Z');
    const { items, totalCount } = await under.stored.roomsOfUser.listRoomsOf(user, { page: 0, size: 10 });
    expect(items.map(({ room }) => room.id)).toEqual([busy.id, newer.id, quiet.id]);
    expect(items.map(({ lastMessage }) => lastMessage?.id ?? null)).toEqual([2, null, null]);
    expect(totalCount).toBe(3);
    const second = await under.stored.roomsOfUser.listRoomsOf(user, { page: 1, size: 2 });
    expect(second.items.map(({ room }) => room)).toEqual([quiet]);
  });
});

describe('unread messages of a room', () => {
  it('are those of others that count', async () => {
    const [ada, bob] = [newUser(), newUser()];
    const room = await newRoom(ada);
    await under.stored.members.addMember({ roomId: room.id, userId: bob, role: 'MEMBER', version: 2 }, AT);
    const unreadOf = async (userId: UserId) =>
      (await under.stored.roomsOfUser.listRoomsOf(userId, { page: 0, size: 1 })).items[0]?.unreadCount;
    expect([await unreadOf(ada), await unreadOf(bob)]).toEqual([0, 0]);
    const log = under.stored.persistedMessages;
    await log.openPosition(1, 900, 0);
    const row = (logOffset: number, senderId: UserId, counts = true) => ({
      logOffset,
      roomId: room.id,
      id: logOffset + 1,
      senderId,
      content: 'x',
      type: 'GROUP',
      kind: counts ? null : 'REACTION',
      system: null,
      targetId: counts ? null : 1,
      removed: false,
      counts,
      sentAtMs: AT.getTime(),
      eventId: null,
      clientMessageId: null,
    });
    const rows = [row(0, ada), row(1, ada), row(2, bob), row(3, ada, false), row(4, ada)];
    await log.saveBatch({ epoch: 1, partition: 900, expected: 0, next: 5, last: null, rows });
    expect([await unreadOf(ada), await unreadOf(bob)]).toEqual([1, 3]);
  });
});

describe('last seen', () => {
  it('never goes back, also within one write', async () => {
    const roomId = asRoomId(88_001);
    const userId = newUser();
    const at = (text: string) => ({ roomId, userId, lastSeenAt: new Date(text) });
    expect(await under.stored.lastSeen.findLastSeen(roomId, userId)).toBeNull();
    await under.stored.lastSeen.saveLastSeen([
      at('2026-01-01T00:00:02Z'),
      at('2026-01-01T00:00:09Z'),
      at('2026-01-01T00:00:05Z'),
    ]);
    await under.stored.lastSeen.saveLastSeen([at('2026-01-01T00:00:01Z')]);
    await under.stored.lastSeen.saveLastSeen([]);
    expect(await under.stored.lastSeen.findLastSeen(roomId, userId)).toEqual(at('2026-01-01T00:00:09Z'));
  });
});

describe('the outbox of room events', () => {
  const event = (roomId: number, version: number) =>
    ({ roomId: asRoomId(roomId), event: 'ROOM_UPDATED', version, at: AT.toISOString() }) as const;

  it('gives unsent events in their order until they are marked', async () => {
    await under.stored.outbox.addEvents([event(1, 1), event(2, 1), event(1, 2)]);
    const unsent = await under.stored.outbox.listUnsent(10);
    expect(
      unsent.map(({ topic, value: { roomId }, value }) => [
        roomId,
        topic === 'room-events' && 'version' in value && value.version,
      ]),
    ).toEqual([
      [1, 1],
      [2, 1],
      [1, 2],
    ]);
    expect(await under.stored.outbox.measureBacklog(10)).toMatchObject({ count: 3 });
    expect((await under.stored.outbox.measureBacklog(2)).count).toBe(2);
    await under.stored.outbox.markSent([unsent[1]?.id ?? 0n], AT);
    expect((await under.stored.outbox.listUnsent(10)).map(({ id }) => id)).toEqual([unsent[0]?.id, unsent[2]?.id]);
    expect(await under.stored.outbox.listUnsent(1)).toHaveLength(1);
    await under.stored.outbox.markSent(
      unsent.map(({ id }) => id),
      AT,
    );
    expect(await under.stored.outbox.removeSentBefore(AT, 10)).toBe(0);
    expect(await under.stored.outbox.removeSentBefore(new Date(AT.getTime() + 1), 2)).toBe(2);
  });

  it('sees an event whose transaction committed after a younger one was sent', async () => {
    const gate = Promise.withResolvers<void>();
    const wrote = Promise.withResolvers<void>();
    const slow = under.database.transaction(async ({ outbox }) => {
      await outbox.addEvents([event(31, 1)]);
      wrote.resolve();
      await gate.promise;
    });
    await wrote.promise;
    await under.stored.outbox.addEvents([event(32, 1)]);
    await under.stored.outbox.markSent(
      (await under.stored.outbox.listUnsent(10)).map(({ id }) => id),
      AT,
    );
    gate.resolve();
    await slow;
    expect((await under.stored.outbox.listUnsent(10)).map(({ value: { roomId } }) => roomId)).toEqual([31]);
  });

  it('lets one relay work at a time', async () => {
    const order: string[] = [];
    const relay = (name: string) =>
      under.database.transaction(async ({ outbox, rooms }) => {
        await outbox.lockRelay();
        order.push(`${name} in`);
        await rooms.findRoom(asRoomId(1));
        order.push(`${name} out`);
      });
    await Promise.all([relay('a'), relay('b'), relay('c')]);
    expect(order.filter((_, index) => index % 2 === 0).map((text) => text.replace('in', 'out'))).toEqual(
      order.filter((_, index) => index % 2 === 1),
    );
  });
});

describe('a transaction', () => {
  it('leaves nothing behind when its work throws', async () => {
    const owner = newUser();
    const failing = under.database.transaction(async ({ rooms }) => {
      await rooms.createRoom({
        name: 'gone',
        description: '',
        type: 'GROUP',
        visibility: 'PUBLIC',
        ownerId: owner,
        metadata: {},
        at: AT,
      });
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await under.query('SELECT 1 FROM chat_rooms WHERE owner_id = $1', [owner])).toEqual([]);
  });
});

describe('instance numbers', () => {
  const holder = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;

  it('no two of 40 holders at once get the same number', async () => {
    const got = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        under.stored.instanceNumbers.acquireNumber(
          `00000000-0000-4000-8000-0000000001${String(index).padStart(2, '0')}`,
          100,
        ),
      ),
    );
    expect(new Set(got.map((interval) => interval?.number)).size).toBe(40);
  });

  it('the next holder of a number begins where the last interval ended', async () => {
    await under.query('UPDATE instance_numbers SET holder = $1, until_tick = 99999999999', [holder(9)]);
    await under.query('UPDATE instance_numbers SET holder = NULL, until_tick = 0 WHERE number = 5');
    const first = await under.stored.instanceNumbers.acquireNumber(holder(1), 1_000);
    expect(first).toMatchObject({ number: 5, from: 0 });
    expect(await under.stored.instanceNumbers.acquireNumber(holder(2), 1_000)).toBeNull();
    await under.query('UPDATE instance_numbers SET until_tick = 12345 WHERE number = 5'); // its time is over
    const second = await under.stored.instanceNumbers.acquireNumber(holder(2), 1_000);
    expect(second).toMatchObject({ number: 5, from: 12345 });
    expect(await under.stored.instanceNumbers.extendNumber(5, holder(1), 9_000)).toBeNull();
    const until = await under.stored.instanceNumbers.extendNumber(5, holder(2), 9_000);
    expect(until).toBeGreaterThan((second?.until ?? Infinity) + 7_000);
    expect(await under.stored.instanceNumbers.extendNumber(5, holder(2), 1)).toBe(until);
    await under.stored.instanceNumbers.releaseNumber(5, holder(1), 0);
    expect(await under.stored.instanceNumbers.acquireNumber(holder(3), 1_000)).toBeNull();
    await under.stored.instanceNumbers.releaseNumber(5, holder(2), 20_000);
    expect(await under.stored.instanceNumbers.acquireNumber(holder(3), 1_000)).toMatchObject({
      number: 5,
      from: 20_000,
    });
  });
});
