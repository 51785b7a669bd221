import type { ChatRoomDTO, PageDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { ROOMS } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { CHAT_ROOM, CHAT_ROOM_OF_CALLER, expectShape, INSTANT, MESSAGE, PAGE, ROOM_MEMBER } from './shapes.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

interface Problem {
  readonly code: string;
  readonly status: number;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

const longText = (codePoints: number) => '😀'.repeat(codePoints);

describe('POST /api/v1/chat/chat-rooms', () => {
  it('answers 201 with exactly a ChatRoomDTO and its Location', async () => {
    const alice = newPerson('alice');

    const { status, headers, body } = await chat.as(alice).post<ChatRoomDTO>(ROOMS, {
      name: 'Dev Chatroom',
      description: 'Chat for developers',
      metadata: { topic: 'work', nested: { list: [1, null, 'x'] } },
    });

    expect(status).toBe(201);
    expectShape(body, CHAT_ROOM);
    expect(body).toMatchObject({
      name: 'Dev Chatroom',
      description: 'Chat for developers',
      type: 'GROUP',
      status: 'ACTIVE',
      ownerId: alice.id,
      visibility: 'PUBLIC',
      metadata: { topic: 'work', nested: { list: [1, null, 'x'] } },
    });
    expect(Number.isSafeInteger(body.id)).toBe(true);
    expect(body.createdAt).toMatch(INSTANT);
    expect(body.updatedAt).toMatch(INSTANT);
    expect(headers.get('location')).toMatch(new RegExp(`${ROOMS}/${body.id}$`));
  });

  it('makes the caller owner and member', async () => {
    const alice = newPerson('alice');
    const { id } = await chat.createRoom(alice);

    const { status, body } = await chat.as(alice).get<{ items: unknown[] }>(`${ROOMS}/${id}/members`);

    expect(status).toBe(200);
    expect(body.items).toEqual([
      expect.objectContaining({ userId: alice.id, username: alice.username, role: 'OWNER' }),
    ]);
  });

  it('names every invalid field, and the limit that it breaks, in one 400', async () => {
    const { status, headers, body } = await chat.as(newPerson('alice')).post<Problem>(ROOMS, {
      name: longText(201),
      description: longText(2_001),
      type: 'CROWD',
      visibility: 'SECRET',
      metadata: { filler: 'x'.repeat(8_200) },
    });

    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
    const messageOf = new Map(body.errors?.map(({ field, message }) => [field, message]));
    expect([...messageOf.keys()].sort()).toEqual(['description', 'metadata', 'name', 'type', 'visibility']);
    expect(messageOf.get('name')).toContain('200');
    expect(messageOf.get('description')).toContain('2000');
    expect(messageOf.get('metadata')).toContain('8192');
  });

  it.each([
    ['no name', {}, 'name'],
    ['an empty name', { name: '' }, 'name'],
    ['a name that is a number', { name: 7 }, 'name'],
    ['U+0000 in the name', { name: 'a\u0000b' }, 'name'],
    ['a lone surrogate in the description', { name: 'a', description: '\ud800' }, 'description'],
    ['U+0000 deep inside the metadata', { name: 'a', metadata: { deep: [{ text: '\u0000' }] } }, 'metadata'],
    ['metadata that is a list', { name: 'a', metadata: [] }, 'metadata'],
    ['metadata that is null', { name: 'a', metadata: null }, 'metadata'],
  ])('refuses %s', async (_, request, field) => {
    const { status, body } = await chat.as(newPerson('alice')).post<Problem>(ROOMS, request);

    expect(status).toBe(400);
    expect(body.errors?.map((error) => error.field)).toEqual([field]);
  });

  it('takes a name of 200 code points and a description of 2,000', async () => {
    const room = await chat.createRoom(newPerson('alice'), { name: longText(200), description: longText(2_000) });

    expect(room).toMatchObject({ name: longText(200), description: longText(2_000) });
  });

  it.each([
    ['a body that is no JSON', marked('{"name": '), 400, 'INVALID_JSON'],
    ['a body that is no object', '"text"', 400, null],
    ['no body', undefined, 400, null],
    ['a body over the limit', JSON.stringify({ name: 'a', description: 'x'.repeat(1_000_000) }), 413, 'BODY_TOO_LARGE'],
  ])('refuses %s', async (_, request, expectedStatus, code) => {
    const { status, headers, body } = await chat.as(newPerson('alice')).post<Problem>(ROOMS, request);

    expect(status).toBe(expectedStatus);
    expect(headers.get('content-type')).toContain('application/problem+json');
    if (code !== null) expect(body.code).toBe(code);
    if (expectedStatus === 413) expect(JSON.stringify(body)).toMatch(/\d{4,} bytes|\d+ KiB/);
  });
});

describe('GET /api/v1/chat/chat-rooms', () => {
  it('answers a page of exactly ChatRoomDTOs with Link headers, public rooms only', async () => {
    const alice = newPerson('alice');
    const open = await chat.createRoom(alice);
    const hidden = await chat.createRoom(alice, { visibility: 'PRIVATE' });

    const { status, headers, body } = await chat.as(alice).get<PageDTO<ChatRoomDTO>>(`${ROOMS}?page=0&size=100`);

    expect(status).toBe(200);
    expectShape(body, PAGE);
    for (const room of body.content) expectShape(room, CHAT_ROOM);
    const ids = body.content.map(({ id }) => id);
    expect(ids).toContain(open.id);
    expect(ids).not.toContain(hidden.id);
    expect(/rel="?next"?/.test(headers.get('link') ?? '')).toBe(body.totalPages > 1);
  });

  it('cuts the rooms into pages that follow one another', async () => {
    const alice = newPerson('alice');
    for (let at = 0; at < 5; at += 1) await chat.createRoom(alice, { name: `room ${at}` });
    const page = async (number: number, size: number) => {
      const answer = await chat.as(alice).get<PageDTO<ChatRoomDTO>>(`${ROOMS}?page=${number}&size=${size}`);
      expect(answer.status).toBe(200);
      return answer;
    };

    const whole = (await page(0, 4)).body;
    const first = await page(0, 2);
    const second = await page(1, 2);
    const last = await page(whole.totalElements, 1);

    expect(whole.content.map(({ id }) => id)).toEqual(
      [...first.body.content, ...second.body.content].map(({ id }) => id),
    );
    expect(first.body).toMatchObject({ page: 0, size: 2, totalElements: whole.totalElements });
    expect(first.body.totalPages).toBe(Math.ceil(whole.totalElements / 2));
    expect(first.headers.get('link')).toMatch(/rel="?next"?/);
    expect(second.headers.get('link')).toMatch(/rel="?prev"?/);
    expect(last.body.content).toEqual([]);
  });

  it('has 20 rooms on a page where nothing is asked for', async () => {
    const { body } = await chat.as(newPerson('alice')).get<PageDTO<ChatRoomDTO>>(ROOMS);

    expect(body).toMatchObject({ page: 0, size: 20 });
  });

  it.each([
    ['size=101', ['size'], '100'],
    ['size=0', ['size'], null],
    ['page=-1', ['page'], null],
    ['page=x&size=y', ['page', 'size'], null],
    ['page=1.5', ['page'], null],
    ['page=99999999999999999999', ['page'], null],
  ])('refuses %s', async (query, fields, limit) => {
    const { status, body } = await chat.as(newPerson('alice')).get<Problem>(`${ROOMS}?${query}`);

    expect(status).toBe(400);
    expect(body.code).toBe('INVALID_REQUEST');
    expect(body.errors?.map(({ field }) => field).sort()).toEqual(fields);
    if (limit !== null) expect(body.errors?.[0]?.message).toContain(limit);
  });
});

describe('GET /api/v1/chat/chat-rooms/user', () => {
  it('answers a page of the rooms of the caller alone, the newest activity first', async () => {
    const alice = newPerson('alice');
    const quiet = await chat.createRoom(alice, { name: 'quiet' });
    const lively = await chat.createRoom(alice, { name: 'lively' });
    const hidden = await chat.createRoom(alice, { name: 'hidden', visibility: 'PRIVATE' });
    await chat.createRoom(newPerson('bob'));
    const session = await chat.connect(alice);
    await session.sendMessage(lively.id, marked('news'));

    const { body } = await eventually(async () => {
      const answer = await chat.as(alice).get<PageDTO<ChatRoomDTO>>(`${ROOMS}/user`);
      expect(answer.status).toBe(200);
      expect(answer.body.content[0]?.id).toBe(lively.id);
      expect(answer.body.content[0]?.lastMessage).toBeDefined();
      return answer;
    });

    expectShape(body, PAGE);
    expect(body).toMatchObject({ page: 0, size: 20, totalElements: 3, totalPages: 1 });
    expect(body.content.map(({ id }) => id)).toEqual([lively.id, hidden.id, quiet.id]);
    for (const room of body.content) expectShape(room, CHAT_ROOM_OF_CALLER);
    const [newest] = body.content;
    expectShape(newest?.lastMessage ?? {}, MESSAGE);
    expect(newest?.lastMessage).toMatchObject({ content: marked('news'), senderId: alice.id });
    expect(newest?.unreadCount).toBe(0);
  });

  it('counts the messages of others as unread', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);
    const session = await chat.connect(alice);
    for (let at = 0; at < 3; at += 1) await session.sendMessage(roomId, marked(`unread ${at}`));

    await eventually(async () => {
      const { body } = await chat.as(bob).get<PageDTO<ChatRoomDTO>>(`${ROOMS}/user`);
      expect(body.content[0]?.unreadCount).toBe(3);
    });
  });
});

describe('POST /api/v1/chat/chat-rooms/join/{id}', () => {
  it('answers 200 with exactly the ChatRoomDTO, the second time too', async () => {
    const room = await chat.createRoom(newPerson('alice'));
    const bob = newPerson('bob');

    const first = await chat.as(bob).post<ChatRoomDTO>(`${ROOMS}/join/${room.id}`);
    const second = await chat.as(bob).post<ChatRoomDTO>(`${ROOMS}/join/${room.id}`);

    for (const { status, body } of [first, second]) {
      expect(status).toBe(200);
      expectShape(body, CHAT_ROOM);
      expect(body.id).toBe(room.id);
    }
    expect(second.body).toEqual(first.body);
    const rows = await chat.query('SELECT 1 FROM memberships WHERE room_id = $1 AND user_id = $2', [room.id, bob.id]);
    expect(rows).toHaveLength(1);
  });

  it('answers 404 ROOM_NOT_FOUND for an unknown room', async () => {
    const { status, headers, body } = await chat.as(newPerson('bob')).post(`${ROOMS}/join/9007199254740991`);

    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'ROOM_NOT_FOUND', status: 404 });
  });

  it.each(['0', '-1', '1.5', 'x', '9007199254740992', '1e3', '01'])('does not take %s for an id', async (id) => {
    const { status } = await chat.as(newPerson('bob')).post(`${ROOMS}/join/${id}`);

    expect([400, 404]).toContain(status);
  });

  it('refuses a private room without an invitation as if it were not there', async () => {
    const { id } = await chat.createRoom(newPerson('alice'), { visibility: 'PRIVATE' });
    const stranger = chat.as(newPerson('stranger'));

    for (const answer of [
      await stranger.post(`${ROOMS}/join/${id}`),
      await stranger.get(`${ROOMS}/${id}`),
      await stranger.get(`${ROOMS}/${id}/members`),
      await stranger.get(`${ROOMS}/${id}/messages`),
    ]) {
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ code: 'ROOM_NOT_FOUND' });
    }
  });

  it('lets the invited into a private room, once', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const { id } = await chat.createRoom(alice, { visibility: 'PRIVATE' });

    const invitation = await chat.as(alice).post(`${ROOMS}/${id}/members`, { userId: bob.id });
    expect(invitation.status).toBeLessThan(300);
    const isMember = () => chat.query('SELECT 1 FROM memberships WHERE room_id = $1 AND user_id = $2', [id, bob.id]);
    expect(await isMember()).toEqual([]);
    expect((await chat.as(bob).post(`${ROOMS}/join/${id}`)).status).toBe(200);
    expect(await isMember()).toHaveLength(1);

    expect((await chat.as(bob).delete(`${ROOMS}/${id}/members/${bob.id}`)).status).toBe(204);
    expect((await chat.as(bob).post(`${ROOMS}/join/${id}`)).status).toBe(404);
  });

  it('refuses an archived room', async () => {
    const alice = newPerson('alice');
    const { id } = await chat.createRoom(alice);
    await chat.as(alice).delete(`${ROOMS}/${id}`);

    const { status, body } = await chat.as(newPerson('bob')).post(`${ROOMS}/join/${id}`);

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'ROOM_ARCHIVED' });
  });
});

describe('one room', () => {
  it('is read, changed by its owner, and archived', async () => {
    const alice = newPerson('alice');
    const { id, updatedAt } = await chat.createRoom(alice);
    const path = `${ROOMS}/${id}`;

    const changed = await chat.as(alice).patch<ChatRoomDTO>(path, { name: 'New name', metadata: { a: 1 } });
    expect(changed.status).toBe(200);
    expectShape(changed.body, CHAT_ROOM);
    expect(changed.body).toMatchObject({ id, name: 'New name', metadata: { a: 1 } });
    expect(Date.parse(changed.body.updatedAt)).toBeGreaterThanOrEqual(Date.parse(updatedAt));
    expect((await chat.as(alice).get<ChatRoomDTO>(path)).body).toEqual(changed.body);

    const archived = await chat.as(alice).delete(path);
    expect(archived.status).toBe(204);
    expect((await chat.as(alice).get<ChatRoomDTO>(path)).body).toMatchObject({ status: 'ARCHIVED' });
  });

  it('is changed and archived by nobody else', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);

    expect((await chat.as(bob).patch(`${ROOMS}/${roomId}`, { name: 'mine' })).status).toBe(403);
    expect((await chat.as(bob).delete(`${ROOMS}/${roomId}`)).status).toBe(403);
  });

  it('is one for the two users of a direct room, whoever asks', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');

    const first = await chat.as(alice).post<ChatRoomDTO>(`${ROOMS}/direct/${bob.id}`);
    const second = await chat.as(bob).post<ChatRoomDTO>(`${ROOMS}/direct/${alice.id}`);

    expect(first.status).toBe(201);
    expect(first.body.type).toBe('DIRECT');
    expect(second.status).toBe(200);
    expect(second.body.id).toBe(first.body.id);
  });

  it('is one for 100 who ask at once, from either side', async () => {
    const [alice, bob] = [newPerson('alice'), newPerson('bob')];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const [one, other] = index % 2 === 0 ? [alice, bob] : [bob, alice];
        return chat.as(one).post<ChatRoomDTO>(`${ROOMS}/direct/${other.id}`);
      }),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(99).fill(200), 201]);
  });
});

describe('a DIRECT room made by POST', () => {
  it('takes one more member and no third, and its messages say so', async () => {
    const [ann, ben, eve] = [newPerson('ann'), newPerson('ben'), newPerson('eve')];
    const room = await chat.createRoom(ann, { type: 'DIRECT' });
    expectShape(room, CHAT_ROOM);
    expect(room.type).toBe('DIRECT');

    await chat.join(ben, room.id);
    const third = await chat.as(eve).post(`${ROOMS}/join/${room.id}`);
    const session = await chat.connect(ben);
    const messages = await session.subscribe(`/topic/chat_rooms/${room.id}`);
    await session.sendMessage(room.id, marked('between us'));

    expect(third.status).toBe(409);
    expect(third.body).toMatchObject({ code: 'DIRECT_ROOM_FIXED' });
    await eventually(() => expect(messages.bodies()).toMatchObject([{ type: 'DIRECT' }]));
  });
});

describe('members of a room', () => {
  it('are listed with role, presence and time of joining', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);
    await chat.connect(bob);

    const items = await eventually(async () => {
      const { body } = await chat.as(alice).get<{ items: Record<string, unknown>[] }>(`${ROOMS}/${roomId}/members`);
      expect(body.items.find(({ userId }) => userId === bob.id)).toMatchObject({ isOnline: true });
      return body.items;
    });

    expect(items).toHaveLength(2);
    for (const item of items) {
      expectShape(item, ROOM_MEMBER);
      expect(item['joinedAt']).toMatch(INSTANT);
    }
    expect(items.find(({ userId }) => userId === alice.id)).toMatchObject({ role: 'OWNER', isOnline: false });
  });

  it('change roles by the word of the owner', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);
    const path = `${ROOMS}/${roomId}/members/${bob.id}`;

    expect((await chat.as(bob).patch(path, { role: 'ADMIN' })).status).toBe(403);
    expect((await chat.as(alice).patch(path, { role: 'KING' })).status).toBe(400);
    const { status } = await chat.as(alice).patch(path, { role: 'ADMIN' });

    expect(status).toBe(200);
    const [row] = await chat.query('SELECT role FROM memberships WHERE room_id = $1 AND user_id = $2', [
      roomId,
      bob.id,
    ]);
    expect(row).toEqual({ role: 'ADMIN' });
  });

  it('may leave, but the owner may not', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);

    expect((await chat.as(bob).delete(`${ROOMS}/${roomId}/members/${bob.id}`)).status).toBe(204);
    const owner = await chat.as(alice).delete(`${ROOMS}/${roomId}/members/${alice.id}`);

    expect(owner.status).toBe(409);
    expect(owner.body).toMatchObject({ code: 'OWNER_MUST_STAY' });
  });
});

describe('addresses that are none', () => {
  it('answer 404 and 405 as problems with a code', async () => {
    const alice = chat.as(newPerson('alice'));

    const nowhere = await alice.get('/api/v1/chat/nothing-here');
    const wrongMethod = await alice.request('PUT', ROOMS, { body: {} });

    expect(nowhere.status).toBe(404);
    expect(nowhere.body).toMatchObject({ code: 'NOT_FOUND' });
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.body).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });
});
