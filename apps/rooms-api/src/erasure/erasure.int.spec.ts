import { openDatabase, type DatabaseService, type Repositories } from '@chat/database';
import { asMessageId, asRoomId, asUserId, type ErasureDTO, type RoomId, type UserId } from '@chat/dto';
import { ChatError, createLogger, systemClock } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERASURE_SESSIONS_END_AGAIN_MS, ERASURE_SESSIONS_END_MS } from '../limits.ts';
import { RoomTurns } from '../rooms/room-turns.ts';
import { eraseUser, type ErasureContext } from './erase-user.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const AT = new Date('2026-01-02T03:04:05.678Z');
const [GONE, ADMIN, MEMBER, OTHER] = [101, 102, 103, 104].map(asUserId) as [UserId, UserId, UserId, UserId];

let under: DatabaseUnderTest;
let database: DatabaseService;
let stored: Repositories;
/** How far the log goes beyond what is stored. */
let unstoredCount = 0;
const ended: UserId[] = [];

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
  stored = database.repositories;
  await stored.logEpochs.openFirst({ name: 'chat-messages', partitionCount: 1 });
  await stored.persistedMessages.openPosition(1, 0, 0);
});
afterAll(async () => {
  await database?.stop();
  await under?.cleanUp();
});

let lastId = 0;
const step = (userId = GONE, more: Partial<ErasureContext> = {}): Promise<ErasureDTO> =>
  eraseUser(
    {
      ...{ database, clock: systemClock, turns: new RoomTurns(), invitationLifeMs: 1, onEvents: () => {}, logger },
      nextMessageId: () => asMessageId((lastId += 1)),
      signal: new AbortController().signal,
      endSessions: async (ofUser) => void ended.push(ofUser),
      listLogEnds: () => Promise.resolve(new Map([[0, unstoredCount]])),
      ...more,
    },
    userId,
  );

/** As if the sessions of all had been ended so many ms earlier. */
const age = (ms: number) =>
  under.query(`UPDATE erasures SET sessions_ended_at = sessions_ended_at - $1 * interval '1 ms'`, [ms]);
const down = () => Promise.reject(new ChatError('UNAVAILABLE'));

async function roomOf(...members: readonly (readonly [UserId, 'OWNER' | 'ADMIN' | 'MEMBER'])[]): Promise<RoomId> {
  const { id } = await stored.rooms.createRoom({
    ...{ name: 'ours', description: 'of us', type: 'GROUP', visibility: 'PRIVATE', metadata: { a: 1 }, at: AT },
    ownerId: members[0]?.[0] ?? GONE,
  });
  for (const [userId, role] of members) await stored.members.addMember({ roomId: id, userId, role, version: 1 }, AT);
  return id;
}

const rolesIn = async (roomId: RoomId) =>
  (await stored.members.listMembers(roomId)).map(({ userId, role }) => `${userId} ${role}`).sort();
const outboxOf = async (roomId: RoomId) =>
  (await stored.outbox.listUnsent(100)).flatMap(({ value }) =>
    value.roomId !== roomId ? [] : ['event' in value ? value.event : value.content],
  );

describe('an erasure', () => {
  it('takes the user out of their rooms, which go on with another owner or are closed', async () => {
    await stored.users.saveUsernames(new Map([[GONE, 'canary']]), AT);
    const shared = await roomOf([GONE, 'OWNER'], [MEMBER, 'MEMBER'], [ADMIN, 'ADMIN']);
    const guests = await roomOf([OTHER, 'OWNER'], [GONE, 'MEMBER']);
    const alone = await roomOf([GONE, 'OWNER']);
    const direct =
      (await stored.rooms.createDirectRoom({ ownerId: OTHER, otherUserId: GONE, at: AT }))?.id ?? asRoomId(1);
    await stored.members.addMember({ roomId: direct, userId: OTHER, role: 'OWNER', version: 1 }, AT);
    await stored.members.addMember({ roomId: direct, userId: GONE, role: 'MEMBER', version: 1 }, AT);

    expect(await step()).toMatchObject({
      userId: GONE,
      isComplete: false,
      waitsFor: 'SESSIONS',
      roomCount: 4,
      otherCount: 1,
    });

    expect(ended).toEqual([GONE]);
    expect(await rolesIn(shared)).toEqual([`${ADMIN} OWNER`, `${MEMBER} MEMBER`]);
    expect(await stored.rooms.getRoom(shared)).toMatchObject({ ownerId: ADMIN, status: 'ACTIVE', name: 'ours' });
    expect(await rolesIn(guests)).toEqual([`${OTHER} OWNER`]);
    expect(await rolesIn(alone)).toEqual([]);
    expect(await stored.rooms.getRoom(alone)).toMatchObject({
      status: 'ARCHIVED',
      name: 'Erased',
      description: '',
      metadata: {},
    });
    expect(await rolesIn(direct)).toEqual([`${OTHER} OWNER`]);
    expect(await stored.rooms.getRoom(direct)).toMatchObject({ status: 'ARCHIVED' });
    expect(await stored.rooms.findDirectRoom(OTHER, GONE)).toBeNull();
    expect(await outboxOf(shared)).toEqual([
      `user-${GONE} left the room.`,
      ...['ROLE_CHANGED', 'ROLE_CHANGED', 'MEMBER_REMOVED'],
    ]);
    expect(await outboxOf(alone)).toEqual([`user-${GONE} left the room.`, 'ROOM_ARCHIVED', 'MEMBER_REMOVED']);
  });

  it('is complete once no session can be open any more and all that was in the log is stored', async () => {
    expect(await step()).toMatchObject({ waitsFor: 'SESSIONS', roomCount: 0, otherCount: 0 });
    await age(ERASURE_SESSIONS_END_MS);
    unstoredCount = 1;
    expect(await step()).toMatchObject({ isComplete: false, waitsFor: 'STORING' });
    const row = {
      senderId: GONE,
      roomId: asRoomId(1),
      logOffset: 0,
      id: 1,
      content: 'late',
      type: 'GROUP',
      kind: null,
    };
    const about = {
      system: null,
      targetId: null,
      removed: false,
      counts: true,
      sentAtMs: 0,
      eventId: 'e',
      clientMessageId: null,
    };
    await stored.persistedMessages.saveBatch({
      epoch: 1,
      partition: 0,
      expected: 0,
      next: 1,
      last: null,
      rows: [{ ...row, ...about }],
    });
    const done = await step();
    expect(done).toMatchObject({ isComplete: true, messageCount: 1 });
    expect(done).not.toHaveProperty('waitsFor');
    expect(await under.query(`SELECT content FROM messages WHERE content <> ''`)).toEqual([]);
  });

  it('goes on where it was when a step has failed', async () => {
    await roomOf([OTHER, 'OWNER']);
    await expect(step(OTHER, { listLogEnds: down })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const gone = AbortSignal.abort(new ChatError('UNAVAILABLE'));
    await expect(step(OTHER, { signal: gone })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await age(ERASURE_SESSIONS_END_MS);
    expect(await step(OTHER)).toMatchObject({ isComplete: true });
    expect(await stored.memberships.listMembershipsOf([OTHER])).toEqual(new Map());
  });

  it('counts from when the sessions were ended, not from when it was asked for', async () => {
    const [asked, later] = [asUserId(201), asUserId(202)];
    await expect(step(asked, { endSessions: down })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await under.query(`UPDATE erasures SET requested_at = now() - interval '1 day' WHERE user_id = $1`, [asked]);
    expect(await step(asked)).toMatchObject({ waitsFor: 'SESSIONS' });
    expect(await step(later)).toMatchObject({ waitsFor: 'SESSIONS' });
    ended.length = 0;
    await age(ERASURE_SESSIONS_END_MS - 1_000);
    expect(await step(asked)).toMatchObject({ waitsFor: 'SESSIONS' });
    await age(1_000);
    expect(await step(asked)).toMatchObject({ isComplete: true });
    expect(ended, 'they were ended once').toEqual([]);
  });

  it('that was broken off ends sessions again, which a newer token may have opened, and counts anew', async () => {
    const back = asUserId(203);
    await step(back);
    await age(ERASURE_SESSIONS_END_AGAIN_MS);
    ended.length = 0;
    expect(await step(back)).toMatchObject({ waitsFor: 'SESSIONS' });
    expect(ended).toEqual([back]);
    await age(ERASURE_SESSIONS_END_MS);
    expect(await step(back)).toMatchObject({ isComplete: true });
  });

  it('does nothing while an instance runs whose build heeds no revocations', async () => {
    await under.query(
      `UPDATE instance_numbers SET holder = gen_random_uuid(), until_tick = 1e12::bigint WHERE number = 5`,
    );
    const stays = await roomOf([OTHER, 'OWNER'], [ADMIN, 'MEMBER']);
    ended.length = 0;
    await expect(step(ADMIN)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('heed no revocations') as string,
    });
    await under.query(`UPDATE instance_numbers SET holder = NULL, until_tick = 0 WHERE number = 5`);
    expect(ended).toEqual([]);
    expect(await rolesIn(stays)).toHaveLength(2);
    expect(await under.query(`SELECT 1 FROM erasures WHERE user_id = $1`, [ADMIN])).toEqual([]);
  });

  it('of somebody who was never there is complete, and may be asked for again', async () => {
    const nobody = asUserId(999);
    await step(nobody);
    await age(ERASURE_SESSIONS_END_MS);
    expect(await step(nobody)).toMatchObject({ isComplete: true, roomCount: 0, messageCount: 0, otherCount: 0 });
    expect(await step(nobody)).toMatchObject({ isComplete: false, waitsFor: 'SESSIONS' });
  });
});
