import type { LastSeenDTO } from '@chat/dto';
import { eventually, type EventuallyOptions } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { newPerson, type Person } from './clients/person.ts';
import { expectShape, INSTANT, LAST_SEEN } from './shapes.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

const ask = (roomId: number, userId: number) =>
  chat.internal.get<LastSeenDTO>(`/internal/chat/room_last_seen?chatRoomId=${roomId}&userId=${userId}`);

/** When the user was last seen in the room, in Unix ms, once that is at or after an instant. */
function seenSince(roomId: number, { id }: Person, sinceMs: number, within: EventuallyOptions = {}): Promise<number> {
  return eventually(async () => {
    const { status, body } = await ask(roomId, id);
    expect(status).toBe(200);
    const seenAt = Date.parse(body.lastSeenAt);
    expect(seenAt).toBeGreaterThanOrEqual(sinceMs);
    return seenAt;
  }, within);
}

async function inRoom() {
  const person = newPerson('person');
  const { id: roomId } = await chat.createRoom(person);
  const session = await chat.connect(person);
  const room = await session.subscribe(`/topic/chat_rooms/${roomId}`);
  return { person, roomId, session, room };
}

describe('/app/heartbeat', () => {
  it('is answered on /user/queue/heartbeatReply, to the session that asked alone', async () => {
    const alice = newPerson('alice');
    const [session, other] = [await chat.connect(alice, 0), await chat.connect(alice, 0)];
    const replies = await session.subscribe('/user/queue/heartbeatReply');
    const others = await other.subscribe('/user/queue/heartbeatReply');

    await session.send('/app/heartbeat');
    await session.send('/app/heartbeat');

    await eventually(() => expect(replies.messages).toHaveLength(2));
    for (const { body, destination } of replies.messages) {
      expect(destination).toBe('/user/queue/heartbeatReply');
      const pong = JSON.parse(body) as { type: string; at: string }; // the documented answer
      expect(pong).toEqual({ type: 'PONG', at: expect.stringMatching(INSTANT) as string });
      expect(Math.abs(Date.parse(pong.at) - Date.now())).toBeLessThan(5_000);
    }
    expect(new Set(replies.messages.map(({ headers }) => headers['message-id'])).size).toBe(2);
    expect(others.messages).toEqual([]);
  });
});

describe('GET /internal/chat/room_last_seen', () => {
  it('answers 404 for a user never seen in the room', async () => {
    const alice = newPerson('alice');
    const { id } = await chat.createRoom(alice);

    const { status, headers, body } = await ask(id, alice.id);

    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'LAST_SEEN_NOT_FOUND' });
  });

  it.each([
    ['chatRoomId=1', ['userId']],
    ['userId=1', ['chatRoomId']],
    ['chatRoomId=x&userId=0', ['chatRoomId', 'userId']],
  ])('names what is invalid in %s', async (query, fields) => {
    const { status, body } = await chat.internal.get<{ errors?: { field: string }[] }>(
      `/internal/chat/room_last_seen?${query}`,
    );

    expect(status).toBe(400);
    expect(body.errors?.map(({ field }) => field).sort()).toEqual(fields);
  });

  it('answers exactly a LastSeenDTO after /app/unsubscribe/chat_rooms/{id}', async () => {
    const { person, roomId, session } = await inRoom();
    const beforeMs = Date.now();

    await session.send(`/app/unsubscribe/chat_rooms/${roomId}`);

    const seenAt = await seenSince(roomId, person, beforeMs);
    expect(seenAt).toBeLessThanOrEqual(Date.now());
    const { body } = await ask(roomId, person.id);
    expectShape(body, LAST_SEEN);
    expect(body).toMatchObject({ chatRoomId: roomId, userId: person.id });
    expect(body.lastSeenAt).toMatch(INSTANT);
  });

  it('tells of UNSUBSCRIBE', async () => {
    const { person, roomId, room } = await inRoom();
    const beforeMs = Date.now();

    await room.unsubscribe();

    await seenSince(roomId, person, beforeMs);
  });

  it('tells of DISCONNECT with the tab still open', async () => {
    const { person, roomId, session } = await inRoom();
    const beforeMs = Date.now();

    await session.disconnect();

    await seenSince(roomId, person, beforeMs);
  });

  it('tells of a cut socket', async () => {
    const { person, roomId, session } = await inRoom();
    const beforeMs = Date.now();

    session.cut();

    await seenSince(roomId, person, beforeMs);
  });

  it('tells of a room that another one was opened on top of', async () => {
    const { person, roomId, session } = await inRoom();
    const { id: otherId } = await chat.createRoom(person);
    const beforeMs = Date.now();

    await session.subscribe(`/topic/chat_rooms/${otherId}`);

    await seenSince(roomId, person, beforeMs);
    const activeRooms = await chat.redis.hgetall(`active_room:user:${person.id}`);
    expect(Object.values(activeRooms)).toEqual([String(otherId)]);
  });

  it('moves at least every 30 s while the room is open, on whichever gateway', async () => {
    const [one, other] = [newPerson('one'), newPerson('other')];
    const roomId = await chat.createRoomOf(one, other);
    const [atFirst, atSecond] = [await chat.connect(one, 0), await chat.connect(other, 1)];
    const destination = `/topic/chat_rooms/${roomId}`;
    await Promise.all([atFirst.subscribe(destination), atSecond.subscribe(destination)]);
    const openedMs = Date.now();

    const within = { deadlineMs: 30_000, everyMs: 500 };
    const seen = await Promise.all([one, other].map((person) => seenSince(roomId, person, openedMs, within)));
    for (const seenMs of seen) expect(seenMs).toBeLessThanOrEqual(Date.now());
  }, 45_000);

  it('is per room', async () => {
    const { person, roomId, session, room } = await inRoom();
    const { id: otherId } = await chat.createRoom(person);
    await session.subscribe(`/topic/chat_rooms/${otherId}`);

    await room.unsubscribe();

    await seenSince(roomId, person, 0);
    expect((await ask(otherId, person.id)).status).toBe(404);
  });

  it('never goes back, whatever comes late', async () => {
    const { person, roomId, session } = await inRoom();
    await session.send(`/app/unsubscribe/chat_rooms/${roomId}`);
    const seenAt = await seenSince(roomId, person, Date.now() - 60_000);
    const late = (secondsAgo: number, exitedRoomIds: readonly number[]) =>
      chat.produce(
        'session-events',
        String(person.id),
        JSON.stringify({
          userId: person.id,
          sessionId: `late-${secondsAgo}`,
          gatewayId: 'a-gateway-long-gone',
          event: 'CLOSED',
          exitedRoomIds,
          at: new Date(seenAt - secondsAgo * 1_000).toISOString(),
        }),
      );
    const { id: markerId } = await chat.createRoom(person);

    await late(3_600, [roomId]);
    await late(60, [markerId]);

    await seenSince(markerId, person, 0);
    expect(await seenSince(roomId, person, 0)).toBe(seenAt);
  });
});
