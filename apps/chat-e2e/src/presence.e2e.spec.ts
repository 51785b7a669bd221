import type { BasicUserInfoDTO, RoomPresenceDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { marked } from './clients/content.ts';
import { newPerson, type Person } from './clients/person.ts';
import type { OpenSubscription } from './clients/stomp-session.ts';
import { knowledgeOf } from './presence-knowledge.ts';
import { eventsOf, presenceOf } from './room-of-two.ts';
import { BASIC_USER_INFO, expectShape, INSTANT } from './shapes.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

/** Presence is right this soon after the event that changes it, in ms. */
const RIGHT_WITHIN_MS = 2_000;

const batchPath = (roomId: number) => `/internal/chat/chat-rooms/${roomId}/presence/websocket/users/batch`;

const COMINGS_AND_GOINGS = ['ONLINE', 'OFFLINE', 'RECONNECTED'];
/** Without JOINED and LEFT, which tell of membership. */
const statesOf = (presence: OpenSubscription, person: Person) =>
  eventsOf(presence, person).filter((event) => event !== undefined && COMINGS_AND_GOINGS.includes(event));

/** Two members of a room, one of whom watches its presence from another gateway than the other will use. */
async function watchedRoom() {
  const watcher = newPerson('watcher');
  const person = newPerson('person');
  const roomId = await chat.createRoomOf(watcher);
  const session = await chat.connect(watcher, 1);
  const presence = await session.subscribe(`/topic/chat_rooms/${roomId}/presence`);
  await chat.join(person, roomId);
  await eventually(() => expect(eventsOf(presence, person)).toEqual(['JOINED']));
  return { watcher, person, roomId, presence, session };
}

async function isOnline(roomId: number, { id }: Person): Promise<boolean | undefined> {
  const { body } = await chat.internal.get<BasicUserInfoDTO[]>(`${batchPath(roomId)}?userIds=${id}`);
  return body.find((user) => user.id === id)?.isOnline;
}

describe('who connects', () => {
  it('is online: in the Redis keys by their names, in the batch, and in a MESSAGE to the other member', async () => {
    const { person, roomId, presence } = await watchedRoom();

    const session = await chat.connect(person, 0);
    await session.subscribe(`/topic/chat_rooms/${roomId}`);

    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE']), { deadlineMs: RIGHT_WITHIN_MS });
    const event = presenceOf(presence, person).at(-1);
    expectShape(event ?? {}, { required: ['id', 'isOnline'], optional: ['event', 'at', 'version'] });
    expect(event).toMatchObject({ id: person.id, isOnline: true, event: 'ONLINE' });
    expect(event?.at).toMatch(INSTANT);
    const [message] = presence.messages.slice(-1);
    expect(message?.destination).toBe(`/topic/chat_rooms/${roomId}/presence`);

    const state = await chat.redis.hgetall(`presence:user:${person.id}`);
    expect(Object.keys(state).sort()).toEqual(['since', 'state', 'version']);
    expect(state['state']).toBe('ONLINE');
    expect(state['version']).toBe(String(event?.version));
    const sessions = await chat.redis.hgetall(`websocket:user:${person.id}`);
    expect(Object.keys(sessions)).toHaveLength(1);
    const [sessionId = '', about = ''] = Object.entries(sessions)[0] ?? [];
    expect(JSON.parse(about)).toMatchObject({
      gatewayId: expect.any(String) as string,
      at: expect.anything() as string,
    });
    await eventually(async () => {
      expect(await chat.redis.hgetall(`active_room:user:${person.id}`)).toEqual({ [sessionId]: String(roomId) });
    });
    for (const key of ['presence', 'websocket', 'active_room']) {
      expect(await chat.redis.ttl(`${key}:user:${person.id}`)).toBeGreaterThan(0);
    }
    expect(await isOnline(roomId, person)).toBe(true);
  });

  it('a second time changes nothing, and is online until the last session has gone', async () => {
    const { person, roomId, presence } = await watchedRoom();
    const first = await chat.connect(person, 0);
    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE']));
    const second = await chat.connect(person, 1);
    await eventually(async () => expect(await chat.redis.hlen(`websocket:user:${person.id}`)).toBe(2));

    await first.disconnect();
    await eventually(async () => expect(await chat.redis.hlen(`websocket:user:${person.id}`)).toBe(1));
    expect(await isOnline(roomId, person)).toBe(true);
    await second.disconnect();

    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE', 'OFFLINE']), {
      deadlineMs: RIGHT_WITHIN_MS,
    });
  });
});

describe('who says DISCONNECT', () => {
  it('is offline within 2 s, once', async () => {
    const { person, roomId, presence } = await watchedRoom();
    const session = await chat.connect(person, 0);
    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE']));
    const saidAt = performance.now();

    await session.disconnect();

    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE', 'OFFLINE']));
    expect((presence.messages.at(-1)?.at ?? 0) - saidAt).toBeLessThan(RIGHT_WITHIN_MS);
    expect(presenceOf(presence, person).at(-1)).toMatchObject({ isOnline: false });
    expect(await isOnline(roomId, person)).toBe(false);
    expect(await chat.redis.exists(`websocket:user:${person.id}`)).toBe(0);
    const [, online, offline] = presenceOf(presence, person);
    expect(offline?.version).toBeGreaterThan(online?.version ?? 0);
  });
});

describe('who loses the socket', () => {
  it('is offline after the grace, not before, once', async () => {
    const { person, roomId, presence } = await watchedRoom();
    const session = await chat.connect(person, 0);
    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE']));
    const cutAt = performance.now();

    session.cut();

    const { presenceGraceMs } = chat.addresses;
    await eventually(async () => expect(await chat.redis.exists(`websocket:user:${person.id}`)).toBe(0));
    expect(await isOnline(roomId, person)).toBe(true);
    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE', 'OFFLINE']), {
      deadlineMs: presenceGraceMs + RIGHT_WITHIN_MS,
    });
    const tookMs = (presence.messages.at(-1)?.at ?? 0) - cutAt;
    expect(tookMs).toBeGreaterThan(presenceGraceMs - 200);
    expect(tookMs).toBeLessThan(presenceGraceMs + RIGHT_WITHIN_MS);
    expect(await isOnline(roomId, person)).toBe(false);
  });

  it('and is back within the grace has RECONNECTED, without OFFLINE or ONLINE', async () => {
    const { person, roomId, presence } = await watchedRoom();
    const lost = await chat.connect(person, 0);
    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE']));

    lost.cut();
    await eventually(async () => expect(await chat.redis.exists(`websocket:user:${person.id}`)).toBe(0));
    const back = await chat.connect(person, 1);

    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE', 'RECONNECTED']));
    const afterGrace = performance.now() + chat.addresses.presenceGraceMs + 500;
    await eventually(() => expect(performance.now()).toBeGreaterThan(afterGrace), { deadlineMs: 10_000 });
    expect(statesOf(presence, person)).toEqual(['ONLINE', 'RECONNECTED']);
    expect(await isOnline(roomId, person)).toBe(true);
    await back.disconnect();
    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE', 'RECONNECTED', 'OFFLINE']));
  });
});

describe('presence of a room', () => {
  it('tells of who joins and who leaves', async () => {
    const { watcher, roomId, presence } = await watchedRoom();
    const newcomer = newPerson('newcomer');

    await chat.join(newcomer, roomId);
    await eventually(() => expect(eventsOf(presence, newcomer)).toEqual(['JOINED']));
    await chat.as(watcher).delete(`/api/v1/chat/chat-rooms/${roomId}/members/${newcomer.id}`);

    await eventually(() => expect(eventsOf(presence, newcomer)).toEqual(['JOINED', 'LEFT']));
  });

  it('begins with the state, before the RECEIPT, and goes on without a gap while people come and go', async () => {
    const watcher = newPerson('watcher');
    const people = Array.from({ length: 4 }, () => newPerson('person'));
    const roomId = await chat.createRoomOf(watcher, ...people);
    const destination = `/topic/chat_rooms/${roomId}/presence`;
    const watchers = await Promise.all([chat.connect(watcher, 0), chat.connect(watcher, 1)]);
    let isOver = false;
    const comeAndGo = async (person: Person, at: 0 | 1) => {
      while (!isOver) await (await chat.connect(person, at)).disconnect();
      await chat.connect(person, at);
    };
    const all = Promise.all(people.map((person, index) => comeAndGo(person, (index % 2) as 0 | 1)));

    const subscriptions: OpenSubscription[] = [];
    for (let count = 0; count < 20; count += 1) {
      for (const session of watchers) {
        const presence = await session.subscribe(destination);
        expect(presence.bodies<RoomPresenceDTO>()[0]).toMatchObject({ roomId, kind: 'STATE', isComplete: true });
        subscriptions.push(presence);
      }
    }
    isOver = true;
    await all;

    const online = [watcher, ...people].map(({ id }) => id).sort((a, b) => a - b);
    await eventually(() => {
      for (const presence of subscriptions) expect(knowledgeOf(presence).onlineIds).toEqual(online);
    });
    const [state] = subscriptions[0]?.bodies<RoomPresenceDTO>() ?? [];
    expectShape(state ?? {}, { required: ['roomId', 'kind', 'onlineCount', 'users'], optional: ['isComplete'] });
    expect(state?.users.map(({ id }) => id).sort((a, b) => a - b)).toEqual(online);
    for (const user of state?.users ?? []) {
      expectShape(user, { required: ['id', 'isOnline', 'version'], optional: ['at'] });
    }
  });

  it('is told no more to who is removed, within 1 s, on an open socket', async () => {
    const { watcher, person, roomId, presence } = await watchedRoom();
    const session = await chat.connect(person, 0);
    const ofRemoved = await session.subscribe(`/topic/chat_rooms/${roomId}/presence`);
    const removedAt = performance.now();

    await chat.as(watcher).delete(`/api/v1/chat/chat-rooms/${roomId}/members/${person.id}`);
    await eventually(() => expect(session.refusals.map(({ code }) => code)).toContain('NOT_A_MEMBER'), {
      deadlineMs: 1_000,
    });
    expect(performance.now() - removedAt).toBeLessThan(1_000);
    const before = ofRemoved.messages.length;
    const newcomer = await chat.newMember(roomId, 'newcomer');
    await chat.connect(newcomer, 0);

    await eventually(() => {
      expect(eventsOf(presence, newcomer)).toEqual(['JOINED', 'ONLINE']);
      expect(eventsOf(presence, person)).toContain('LEFT'); // whichever of two users is told of first
    });
    expect(ofRemoved.messages).toHaveLength(before);
    await expect(session.subscribe(`/topic/chat_rooms/${roomId}/presence`)).rejects.toThrow('NOT_A_MEMBER');
  });

  it('is told of its members alone, and to members alone', async () => {
    const { person, roomId, presence } = await watchedRoom();
    const stranger = newPerson('stranger');
    const strangerSession = await chat.connect(stranger, 0);
    await chat.connect(person, 0);
    await eventually(() => expect(statesOf(presence, person)).toEqual(['ONLINE']));

    expect(presenceOf(presence, stranger)).toEqual([]);
    await expect(strangerSession.subscribe(`/topic/chat_rooms/${roomId}/presence`)).rejects.toThrow('NOT_A_MEMBER');
  });

  it('is told nothing of messages', async () => {
    const { presence, session, roomId } = await watchedRoom();

    await session.sendMessage(roomId, marked('just a word'));

    const newcomer = await chat.newMember(roomId, 'newcomer'); // behind the message
    await eventually(() => expect(eventsOf(presence, newcomer)).toEqual(['JOINED']));
    for (const body of presence.bodies<object>()) expect(body).not.toHaveProperty('content');
  });
});

describe('GET /internal/chat/chat-rooms/{id}/presence/websocket/users/batch', () => {
  it('answers exactly a list of BasicUserInfoDTO, of all members or of those asked for', async () => {
    const { watcher, person, roomId } = await watchedRoom();

    const all = await eventually(async () => {
      const { status, body } = await chat.internal.get<BasicUserInfoDTO[]>(batchPath(roomId));
      expect(status).toBe(200);
      expect(body.find(({ id }) => id === watcher.id)?.isOnline).toBe(true);
      return body;
    });
    const one = await chat.internal.get<BasicUserInfoDTO[]>(`${batchPath(roomId)}?userIds=${person.id}`);

    for (const user of all) expectShape(user, BASIC_USER_INFO);
    expect(all.map(({ id }) => id).sort()).toEqual([watcher.id, person.id].sort());
    expect(all).toContainEqual({ id: watcher.id, username: watcher.username, isOnline: true });
    expect(one.body).toEqual([{ id: person.id, username: person.username, isOnline: false }]);
  });

  it('calls a user whose token was never seen user-<id>', async () => {
    const alice = newPerson('alice');
    const unseen = newPerson('unseen');
    const { id } = await chat.createRoom(alice);
    await chat.as(alice).post(`/api/v1/chat/chat-rooms/${id}/members`, { userId: unseen.id });

    const { body } = await chat.internal.get(`${batchPath(id)}?userIds=${unseen.id}`);

    expect(body).toEqual([{ id: unseen.id, username: `user-${unseen.id}`, isOnline: false }]);
  });

  it.each([
    ['ids that are none', 'userIds=1,x'],
    ['more than 200 ids', `userIds=${Array.from({ length: 201 }, (_, at) => at + 1).join(',')}`],
  ])('refuses %s', async (_, query) => {
    const { id } = await chat.createRoom(newPerson('alice'));

    const { status, body } = await chat.internal.get<{ errors?: { field: string; message: string }[] }>(
      `${batchPath(id)}?${query}`,
    );

    expect(status).toBe(400);
    expect(body.errors?.map(({ field }) => field)).toEqual(['userIds']);
    expect(body.errors?.[0]?.message).toContain('200');
  });

  it('answers 404 for an unknown room', async () => {
    const { status, body } = await chat.internal.get(batchPath(9007199254740991));

    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'ROOM_NOT_FOUND' });
  });
});
