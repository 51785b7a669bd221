import { asRoomId, asUserId, type RoomEventDTO } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { MembershipIndex, type Membership, type MembershipSource, type RoomAccess } from './membership-index.ts';

const room = asRoomId(7);
const ada = asUserId(1);

const membership = (version: number): Membership => ({
  roomId: room,
  userId: ada,
  role: 'MEMBER',
  version,
  roomType: 'GROUP',
  roomStatus: 'ACTIVE',
});
const event = (kind: RoomEventDTO['event'], version: number): RoomEventDTO => ({
  roomId: room,
  userId: ada,
  event: kind,
  role: 'ADMIN',
  version,
  at: '2025-04-29T15:23:00Z',
});

/** A database whose answers the test releases. */
function heldSource() {
  const listed = Promise.withResolvers<readonly Membership[]>();
  const found = Promise.withResolvers<RoomAccess>();
  let questions = 0;
  const source: MembershipSource = {
    listMembershipsOf: () => ((questions += 1), listed.promise),
    findAccess: () => ((questions += 1), found.promise),
  };
  return { source, listed, found, questionCount: () => questions };
}

async function entered(rows: readonly Membership[]) {
  const held = heldSource();
  held.listed.resolve(rows);
  const index = new MembershipIndex(held.source);
  await index.enter(ada);
  return { ...held, index };
}

describe('the membership index', () => {
  it('answers from memory once the user has connected', async () => {
    const { index, questionCount } = await entered([membership(1)]);
    expect(await index.find(room, ada)).toEqual(membership(1));
    expect(questionCount()).toBe(1);
  });

  it('asks the database for what it does not know, and never remembers a no', async () => {
    const { index, found, questionCount } = await entered([]);
    found.resolve({ membership: null, isVisible: true });
    await expect(index.find(room, ada)).rejects.toThrow(ChatError);
    await expect(index.find(room, ada)).rejects.toThrow(ChatError);
    expect(questionCount()).toBe(3);
  });

  it('makes a private room look like none to who may not see it', async () => {
    const { index, found } = await entered([]);
    found.resolve({ membership: null, isVisible: false });
    await expect(index.find(room, ada)).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
  });

  it('forgets a member who was removed', async () => {
    const { index, found } = await entered([membership(1)]);
    index.apply(event('MEMBER_REMOVED', 2));
    found.resolve({ membership: null, isVisible: true });
    await expect(index.find(room, ada)).rejects.toThrow(ChatError);
  });

  it('keeps a member who came back after the removal it hears of late', async () => {
    const { index } = await entered([membership(3)]);
    index.apply(event('MEMBER_REMOVED', 2));
    expect(index.peek(room, ada)).toEqual(membership(3));
  });

  it('is not fooled by rows read before a removal that it heard of while they were on their way', async () => {
    const held = heldSource();
    const index = new MembershipIndex(held.source);
    const entering = index.enter(ada);
    index.apply(event('MEMBER_REMOVED', 2));
    held.listed.resolve([membership(1)]);
    await entering;
    expect(index.peek(room, ada)).toBeUndefined();
  });

  it('is not fooled by a look-up that a removal overtakes', async () => {
    const { index, found } = await entered([]);
    const finding = index.find(room, ada);
    index.apply(event('MEMBER_REMOVED', 2));
    found.resolve({ membership: membership(1), isVisible: true });
    await expect(finding).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
  });

  it('does not take an archiving for a word on who is a member: a removal before it may be heard of later', async () => {
    const { index } = await entered([membership(1)]);
    index.apply({ roomId: room, event: 'ROOM_ARCHIVED', version: 3 });
    expect(index.peek(room, ada)?.roomStatus).toBe('ARCHIVED');
    index.apply(event('MEMBER_REMOVED', 2));
    expect(index.peek(room, ada)).toBeUndefined();
  });

  it('sees a room archived while its members were on their way', async () => {
    const held = heldSource();
    const index = new MembershipIndex(held.source);
    const entering = index.enter(ada);
    index.apply({ roomId: room, event: 'ROOM_ARCHIVED', version: 2 });
    held.listed.resolve([membership(1)]);
    await entering;
    expect(index.peek(room, ada)?.roomStatus).toBe('ARCHIVED');
  });

  it('keeps nothing of what it heard once nothing is on its way', async () => {
    const { index, found } = await entered([]);
    index.apply(event('MEMBER_REMOVED', 9));
    found.resolve({ membership: membership(3), isVisible: true });
    expect(await index.find(room, ada)).toEqual(membership(3));
  });

  it('learns of a member who was added after the user had connected', async () => {
    const rows: Membership[] = [];
    const index = new MembershipIndex({
      listMembershipsOf: () => Promise.resolve([...rows]),
      findAccess: () => Promise.reject(new Error('not asked')),
    });
    await index.enter(ada);
    rows.push(membership(2));
    await index.relearn(ada);
    expect(index.peek(room, ada)).toEqual(membership(2));
    await index.relearn(asUserId(99));
    expect([index.isHere(ada), index.isHere(asUserId(99))]).toEqual([true, false]);
  });

  it('sees an archived room and a new role', async () => {
    const { index } = await entered([membership(1)]);
    index.apply(event('ROLE_CHANGED', 2));
    index.apply(event('ROOM_ARCHIVED', 3));
    expect(index.peek(room, ada)).toMatchObject({ role: 'ADMIN', roomStatus: 'ARCHIVED' });
  });

  it('forgets the user with the last session', async () => {
    const { index } = await entered([membership(1)]);
    await index.enter(ada);
    index.leave(ada);
    expect(index.peek(room, ada)).toBeDefined();
    index.leave(ada);
    expect(index.peek(room, ada)).toBeUndefined();
  });

  it('counts nobody in whose rooms could not be read, and asks again the next time', async () => {
    const held = heldSource();
    held.listed.reject(new Error('down'));
    const index = new MembershipIndex(held.source);
    await expect(index.enter(ada)).rejects.toThrow('down');
    await expect(index.enter(ada)).rejects.toThrow('down');
    expect(held.questionCount()).toBe(2);
  });
});

describe('rooms of the users who are here', () => {
  function heldRooms() {
    const counts = new Map<number, number>();
    const add = (roomId: number, by: number) => void counts.set(roomId, (counts.get(roomId) ?? 0) + by);
    return { counts, hold: (roomId: number) => add(roomId, 1), release: (roomId: number) => add(roomId, -1) };
  }

  it('are held once a member, from the first session to the last, and not by an answer that comes after it', async () => {
    const held = heldRooms();
    const { source, listed, found } = heldSource();
    listed.resolve([membership(1)]);
    const index = new MembershipIndex(source, held);
    await index.enter(ada);
    await index.enter(ada);
    expect(held.counts.get(room)).toBe(1);
    const late = index.findStored(room, ada);
    index.leave(ada);
    index.leave(ada);
    expect(held.counts.get(room)).toBe(0);
    found.resolve({ membership: membership(2), isVisible: true });
    await late;
    expect(held.counts.get(room)).toBe(0);
  });

  it('are held no longer once the user is removed, and again once he is back', async () => {
    const held = heldRooms();
    const { source, listed, found } = heldSource();
    listed.resolve([membership(1)]);
    const index = new MembershipIndex(source, held);
    await index.enter(ada);
    index.apply(event('MEMBER_REMOVED', 2));
    expect(held.counts.get(room)).toBe(0);
    found.resolve({ membership: membership(3), isVisible: true });
    await index.find(room, ada);
    expect(held.counts.get(room)).toBe(1);
  });

  it('are known by an answer to a question of a certain time or later', async () => {
    const { index, found } = await entered([membership(1)]);
    const since = performance.now();
    expect(index.isKnownSince(room, ada, 0)).toBe(true);
    expect(index.isKnownSince(room, ada, since)).toBe(false);
    found.resolve({ membership: membership(1), isVisible: true });
    await index.findStored(room, ada);
    expect(index.isKnownSince(room, ada, since)).toBe(true);
  });

  it('are gone where the database says so, whatever memory had', async () => {
    const { index, found } = await entered([membership(1)]);
    found.resolve({ membership: null, isVisible: true });
    await expect(index.findStored(room, ada)).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    expect(index.peek(room, ada)).toBeUndefined();
  });
});
