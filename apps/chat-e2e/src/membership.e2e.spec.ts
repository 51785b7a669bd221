import type { RoomEventDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { refusalOf, ROOMS } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

/** A change of membership takes effect on open sockets this soon, in ms. */
const EFFECTIVE_WITHIN_MS = 1_000;

describe('who is removed from a room', () => {
  it('receives and sends nothing there any more, within 1 s, on an open socket', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);
    const [ofAlice, ofBob] = await Promise.all([chat.connect(alice, 0), chat.connect(bob, 1)]);
    const room = await ofBob.subscribe(`/topic/chat_rooms/${roomId}`);
    const kept = await ofAlice.subscribe(`/topic/chat_rooms/${roomId}`);
    await ofAlice.sendMessage(roomId, marked('bob sees this'));
    await eventually(() => expect(room.messages).toHaveLength(1));
    const removedAt = performance.now();

    expect((await chat.as(alice).delete(`${ROOMS}/${roomId}/members/${bob.id}`)).status).toBe(204);

    const refusal = await eventually(
      () => refusalOf(ofBob.send(`/app/chat.send/${roomId}`, { content: marked('no') })),
      {
        deadlineMs: EFFECTIVE_WITHIN_MS,
        everyMs: 50,
      },
    );
    expect(performance.now() - removedAt).toBeLessThan(EFFECTIVE_WITHIN_MS);
    expect(refusal.code).toBe('NOT_A_MEMBER');
    const before = room.messages.length;
    const after = await ofAlice.sendMessage(roomId, marked('bob does not see this'));
    await eventually(() => expect(kept.messages.at(-1)?.headers['message-id']).toBe(after));
    await ofBob.send('/app/heartbeat');
    expect(room.messages).toHaveLength(before);
    expect(ofBob.isConnected).toBe(true);
    expect((await refusalOf(ofBob.subscribe(`/topic/chat_rooms/${roomId}`))).code).toBe('NOT_A_MEMBER');
  });

  it('and left by the own will is treated the same', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);
    const session = await chat.connect(bob, 0);
    await session.sendMessage(roomId, marked('still in'));

    await chat.as(bob).delete(`${ROOMS}/${roomId}/members/${bob.id}`);

    await eventually(
      async () => {
        const refusal = await refusalOf(session.send(`/app/chat.send/${roomId}`, { content: marked('gone') }));
        expect(refusal.code).toBe('NOT_A_MEMBER');
      },
      { deadlineMs: EFFECTIVE_WITHIN_MS },
    );
  });
});

describe('who joins a room', () => {
  it('may subscribe and send at once on a socket that was open before', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const { id: roomId } = await chat.createRoom(alice);
    const session = await chat.connect(bob, 1);
    expect((await refusalOf(session.subscribe(`/topic/chat_rooms/${roomId}`))).code).toBe('NOT_A_MEMBER');

    await chat.join(bob, roomId);
    const room = await session.subscribe(`/topic/chat_rooms/${roomId}`);
    const messageId = await session.sendMessage(roomId, marked('hello'));

    await eventually(() => expect(room.messages.map(({ headers }) => headers['message-id'])).toEqual([messageId]));
  });

  it('again after being removed is a member like any other', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);
    const session = await chat.connect(bob, 0);

    await chat.as(alice).delete(`${ROOMS}/${roomId}/members/${bob.id}`);
    await chat.join(bob, roomId);

    await eventually(() => session.sendMessage(roomId, marked('back')), { deadlineMs: EFFECTIVE_WITHIN_MS });
    await session.subscribe(`/topic/chat_rooms/${roomId}`);
  });
});

describe('who is banned', () => {
  it('comes back neither by REST nor on the open socket, on no gateway, until the ban is lifted', async () => {
    const [alice, bob] = [newPerson('alice'), newPerson('bob')];
    const roomId = await chat.createRoomOf(alice, bob);
    const sessions = await Promise.all([chat.connect(bob, 0), chat.connect(bob, 1)]);
    const destination = `/topic/chat_rooms/${roomId}`;
    for (const session of sessions) await session.subscribe(destination);
    const bannedAt = performance.now();

    const ban = await chat.as(alice).put(`${ROOMS}/${roomId}/bans/${bob.id}`, { reason: 'spam' });
    expect(ban.status).toBe(201);

    for (const session of sessions) {
      const refusal = await eventually(
        () => refusalOf(session.send(`/app/chat.send/${roomId}`, { content: marked('no') })),
        { deadlineMs: EFFECTIVE_WITHIN_MS, everyMs: 20 },
      );
      expect(refusal.code).toBe('NOT_A_MEMBER');
      expect((await refusalOf(session.subscribe(destination))).code).toBe('NOT_A_MEMBER');
    }
    expect(performance.now() - bannedAt).toBeLessThan(EFFECTIVE_WITHIN_MS);
    const joining = await chat.as(bob).post(`${ROOMS}/join/${roomId}`);
    expect(joining).toMatchObject({ status: 403, body: { code: 'BANNED' } });

    expect((await chat.as(alice).delete(`${ROOMS}/${roomId}/bans/${bob.id}`)).status).toBe(204);
    await chat.join(bob, roomId);
    for (const session of sessions) await session.subscribe(destination);
  });
});

describe('who is given another role', () => {
  it('may do what it allows on open sockets, on every gateway, within 1 s, and no longer when it is taken back', async () => {
    const [alice, bob] = [newPerson('alice'), newPerson('bob')];
    const roomId = await chat.createRoomOf(alice, bob);
    const ofAlice = await chat.connect(alice, 0);
    const ofBob = await Promise.all([chat.connect(bob, 0), chat.connect(bob, 1)]);
    const give = (role: string) => chat.as(alice).patch(`${ROOMS}/${roomId}/members/${bob.id}`, { role });
    /** Whether Bob may take away what Alice said, on each of his sessions; an admin may. */
    const mayDelete = async () => {
      const tries = ofBob.map(async (session) => {
        const targetId = Number(await ofAlice.sendMessage(roomId, marked('by alice')));
        try {
          await session.send(`/app/chat.delete/${roomId}`, { targetId });
          return true;
        } catch (error) {
          expect(error).toMatchObject({ refusal: { code: 'FORBIDDEN' } });
          return false;
        }
      });
      return Promise.all(tries);
    };
    expect(await mayDelete()).toEqual([false, false]);
    for (const [role, may] of [
      ['ADMIN', true],
      ['MEMBER', false],
      ['ADMIN', true],
    ] as const) {
      const givenAt = performance.now();
      expect((await give(role)).status).toBe(200);
      await eventually(async () => expect(await mayDelete()).toEqual([may, may]), { everyMs: 20 });
      expect(performance.now() - givenAt).toBeLessThan(EFFECTIVE_WITHIN_MS);
    }
  });
});

describe('who is invited to a private room', () => {
  it('finds the invitation, and is a member on the open socket by joining; one that has expired admits nobody', async () => {
    const [alice, bob] = [newPerson('alice'), newPerson('bob')];
    const { id: roomId } = await chat.createRoom(alice, { visibility: 'PRIVATE' });
    const session = await chat.connect(bob, 1);
    const destination = `/topic/chat_rooms/${roomId}`;
    expect((await refusalOf(session.subscribe(destination))).code).toBe('ROOM_NOT_FOUND');
    const invite = (ms: number) =>
      chat.as(alice).post(`${ROOMS}/${roomId}/members`, {
        userId: bob.id,
        expiresAt: new Date(Date.now() + ms).toISOString(),
      });
    const own = async () =>
      (await chat.as(bob).get<{ items: { room: { id: number } }[] }>(`${ROOMS}/invitations`)).body;

    expect((await invite(1_500)).status).toBe(202);
    expect((await own()).items.map(({ room }) => room.id)).toEqual([roomId]);
    await eventually(async () => expect((await own()).items).toEqual([]), { deadlineMs: 5_000 });
    expect((await chat.as(bob).post(`${ROOMS}/join/${roomId}`)).status).toBe(404);

    await invite(60_000);
    expect((await refusalOf(session.subscribe(destination))).code).toBe('NOT_A_MEMBER');
    await chat.join(bob, roomId);
    await session.subscribe(destination);
    await session.sendMessage(roomId, marked('in'));
  });
});

describe('every change of a room', () => {
  it('is a record of room-events, with versions that only rise', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);
    await chat.as(alice).patch(`${ROOMS}/${roomId}/members/${bob.id}`, { role: 'ADMIN' });
    await chat.as(alice).patch(`${ROOMS}/${roomId}`, { name: 'Another name' });
    await chat.as(alice).delete(`${ROOMS}/${roomId}/members/${bob.id}`);
    await chat.as(alice).delete(`${ROOMS}/${roomId}`);

    const events = await eventually(async () => {
      const records = (await chat.readLog('room-events')).filter(({ key }) => key === String(roomId));
      const values = records.map(({ value }) => JSON.parse(String(value)) as RoomEventDTO); // the contract of the topic
      expect(values.at(-1)?.event).toBe('ROOM_ARCHIVED');
      return values;
    });

    expect(events.map(({ event }) => event).filter((event) => event !== 'ROOM_CREATED')).toEqual([
      ...events
        .filter(({ event, userId }) => event === 'MEMBER_ADDED' && userId === alice.id)
        .map(({ event }) => event),
      'MEMBER_ADDED',
      'ROLE_CHANGED',
      'ROOM_UPDATED',
      'MEMBER_REMOVED',
      'ROOM_ARCHIVED',
    ]);
    const versions = events.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((left, right) => left - right));
    expect(events[0]?.event).toBe('ROOM_CREATED');
  });
});
