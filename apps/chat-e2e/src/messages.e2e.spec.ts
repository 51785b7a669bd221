import type { MessageDTO } from '@chat/dto';
import { decodeMessageRecord } from '@chat/kafka-contracts';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { ROOMS, type GatewayIndex } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { CHAT_MESSAGES_PARTITIONS } from './harness/topic-layout.ts';
import { expectShape, INSTANT, MESSAGE } from './shapes.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

interface MessageRow {
  readonly id: string;
  readonly room_id: string;
  readonly sender_id: string;
  readonly content: string;
  readonly type: string;
  readonly sent_at: Date;
  readonly seq: string;
}

const listRows = (roomId: number) =>
  chat.query<MessageRow>('SELECT * FROM messages WHERE room_id = $1 ORDER BY epoch, log_offset', [roomId]);

const listRecords = async (roomId: number) =>
  (await chat.readLog('chat-messages')).filter(({ key }) => key === String(roomId));

/** Sends JSON as bytes that no JavaScript string can be. */
const bytes = (...values: readonly number[]) => Buffer.from(values);

describe('messages of a room', () => {
  it('come to every client once and in one order, whoever sends them through whichever gateway', async () => {
    const perPerson = 60;
    const people = ['ann', 'ben', 'cid', 'dan'].map(newNamed);
    const [owner = newPerson(), ...others] = people;
    const roomId = await chat.createRoomOf(owner, ...others);
    const clients = await Promise.all(
      people.map(async (person, at) => {
        const session = await chat.connect(person, (at % 2) as GatewayIndex); // a number modulo 2
        return { session, person, room: await session.subscribe(`/topic/chat_rooms/${roomId}`) };
      }),
    );

    const sent = await Promise.all(
      clients.flatMap(({ session, person }) =>
        Array.from({ length: perPerson }, async (_, at) => {
          const content = marked(`${at} of ${person.username}`);
          return { content, senderId: person.id, id: await session.sendMessage(roomId, content) };
        }),
      ),
    );

    await eventually(() => {
      for (const { room } of clients) expect(room.messages).toHaveLength(sent.length);
    });
    const [first] = clients;
    const order = first?.room.messages.map(({ headers }) => headers['message-id']) ?? [];
    expect(new Set(order).size).toBe(sent.length);
    for (const { room } of clients) expect(room.messages.map(({ headers }) => headers['message-id'])).toEqual(order);
    const byId = new Map(first?.room.bodies<MessageDTO>().map((message) => [String(message.id), message]));
    for (const { id, content, senderId } of sent) expect(byId.get(id)).toMatchObject({ content, senderId, roomId });
    for (const person of people) {
      const ofPerson = [...byId.values()].filter(({ senderId }) => senderId === person.id);
      expect(ofPerson.map(({ content }) => content)).toEqual(
        Array.from({ length: perPerson }, (_, at) => marked(`${at} of ${person.username}`)),
      );
    }

    const bodies = first?.room.bodies<MessageDTO>() ?? [];
    expect((await listRecords(roomId)).map(({ value }) => JSON.parse(String(value)) as MessageDTO)).toEqual(bodies);
    const rows = await eventually(async () => {
      const stored = await listRows(roomId);
      expect(stored).toHaveLength(sent.length);
      return stored;
    });
    expect(rows.map(({ seq }) => Number(seq))).toEqual(rows.map((_, at) => at + 1));
    expect(rows.map(messageOfRow)).toEqual(bodies.map(withMilliseconds));
    expect((await readWholeHistory(roomId, owner)).map(withMilliseconds)).toEqual(bodies.map(withMilliseconds));
  });

  it('are the same MessageDTO in the MESSAGE, on Kafka, in Postgres and in the history', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);
    const sender = await chat.connect(alice, 0);
    const listener = await chat.connect(bob, 1);
    const room = await listener.subscribe(`/topic/chat_rooms/${roomId}`);
    const content = marked('  Grüße 👋🏽\nand a second line, "quoted" \\ ');

    const messageId = await sender.sendMessage(roomId, content);

    await eventually(() => expect(room.messages).toHaveLength(1));
    const [message] = room.messages;
    expect(message?.destination).toBe(`/topic/chat_rooms/${roomId}`);
    expect(message?.headers).toMatchObject({ 'message-id': messageId, subscription: room.id });
    const [body] = room.bodies<MessageDTO>();
    expectShape(body ?? {}, MESSAGE);
    expect(body).toMatchObject({ id: Number(messageId), senderId: alice.id, roomId, content, type: 'GROUP' });
    expect(body?.timestamp).toMatch(INSTANT);
    expect(Number.isSafeInteger(body?.id)).toBe(true);

    const [record] = await listRecords(roomId);
    if (record === undefined) throw new Error('there is no record');
    expect(String(record.value)).toBe(message?.body);
    const { value } = record;
    const raw = { key: Buffer.from(String(roomId)), value };
    expect(decodeMessageRecord(raw, record.partition, CHAT_MESSAGES_PARTITIONS)).toEqual({ ok: true, value: body });
    expect(String(record.headers['ce_id'])).toBe(messageId);
    expect(String(record.headers['sender-id'])).toBe(String(alice.id));
    const [row] = await eventually(async () => {
      const rows = await listRows(roomId);
      expect(rows).toHaveLength(1);
      return rows;
    });
    expect(row && messageOfRow(row)).toEqual(body && withMilliseconds(body));
    const history = await chat.as(bob).get<{ items: MessageDTO[]; hasMore: boolean }>(`${ROOMS}/${roomId}/messages`);
    expect(history.status).toBe(200);
    expect(Object.keys(history.body).sort()).toEqual(['hasMore', 'items']);
    expect(history.body.items.map(withMilliseconds)).toEqual(body && [withMilliseconds(body)]);
  });

  it('come to every session and subscription of the same user', async () => {
    const alice = newPerson('alice');
    const roomId = await chat.createRoomOf(alice);
    const [phone, laptop] = await Promise.all([chat.connect(alice, 0), chat.connect(alice, 1)]);
    const rooms = await Promise.all([phone, phone, laptop].map((one) => one.subscribe(`/topic/chat_rooms/${roomId}`)));

    await phone.sendMessage(roomId, marked('to all my screens'));

    await eventually(() => {
      for (const room of rooms) expect(room.messages).toHaveLength(1);
    });
  });

  it('do not come any more after UNSUBSCRIBE', async () => {
    const alice = newPerson('alice');
    const roomId = await chat.createRoomOf(alice);
    const session = await chat.connect(alice);
    const left = await session.subscribe(`/topic/chat_rooms/${roomId}`);
    const kept = await session.subscribe(`/topic/chat_rooms/${roomId}`);

    await left.unsubscribe();
    await session.sendMessage(roomId, marked('after it'));

    await eventually(() => expect(kept.messages).toHaveLength(1));
    expect(left.messages).toEqual([]);
  });

  it.each([
    ['each of them outside the basic plane', '😀'.repeat(10_000), false],
    ['cut into several WebSocket messages by the client', 'ß'.repeat(10_000), true],
  ])('may have 10,000 code points, %s', async (_, content, splitLargeFrames) => {
    const alice = newPerson('alice');
    const roomId = await chat.createRoomOf(alice);
    const session = await chat.connect(alice, 0, { splitLargeFrames });
    const room = await session.subscribe(`/topic/chat_rooms/${roomId}`);

    await session.sendMessage(roomId, content);

    await eventually(() => expect(room.bodies<MessageDTO>().map((message) => message.content)).toEqual([content]));
    await eventually(async () => expect((await listRows(roomId)).map((row) => row.content)).toEqual([content]));
  });

  it('with the client-message-id of an earlier one are that one', async () => {
    const alice = newPerson('alice');
    const roomId = await chat.createRoomOf(alice);
    const session = await chat.connect(alice);
    const room = await session.subscribe(`/topic/chat_rooms/${roomId}`);

    const first = await session.sendMessage(roomId, marked('once'), { 'client-message-id': 'key-1' });
    await eventually(() => expect(room.messages).toHaveLength(1));
    const second = await session.sendMessage(roomId, marked('once'), { 'client-message-id': 'key-1' });
    await session.sendMessage(roomId, marked('behind it'));

    expect(second).toBe(first);
    await eventually(() => expect(room.messages).toHaveLength(2));
    expect(room.messages[0]?.headers['client-message-id']).toBe('key-1');
    await eventually(async () => expect(await listRows(roomId)).toHaveLength(2));
  });
});

describe('records of chat-messages from somebody else', () => {
  it('are delivered and stored although they have none of our headers', async () => {
    const alice = newPerson('alice');
    const roomId = await chat.createRoomOf(alice);
    const sessions = await Promise.all([chat.connect(alice, 0), chat.connect(alice, 1)]);
    const rooms = await Promise.all(sessions.map((session) => session.subscribe(`/topic/chat_rooms/${roomId}`)));
    const foreign = {
      id: 948359823823823,
      senderId: 77,
      roomId,
      content: marked('from another service'),
      type: 'GROUP',
      timestamp: '2025-04-29T15:23:00Z',
    };

    await chat.produce('chat-messages', String(roomId), JSON.stringify(foreign));

    await eventually(() => {
      for (const room of rooms) expect(room.bodies()).toEqual([foreign]);
    });
    const [row] = await eventually(async () => {
      const rows = await listRows(roomId);
      expect(rows).toHaveLength(1);
      return rows;
    });
    expect(row && messageOfRow(row)).toEqual({ ...foreign, timestamp: '2025-04-29T15:23:00.000Z' });
  });

  it.each([
    ['that are no JSON', Buffer.from(marked('{"id": '))],
    ['that are no UTF-8', Buffer.concat([Buffer.from('"'), bytes(0xff, 0xfe), Buffer.from('"')])],
    ['of another shape', Buffer.from(JSON.stringify({ id: 'x', content: marked('shape') }))],
  ])('%s go to chat-messages.dlq as they were, and the partition goes on', async (_, value) => {
    const alice = newPerson('alice');
    const roomId = await chat.createRoomOf(alice);
    const session = await chat.connect(alice);
    const room = await session.subscribe(`/topic/chat_rooms/${roomId}`);

    await chat.produce('chat-messages', String(roomId), value);
    const messageId = await session.sendMessage(roomId, marked('behind the broken one'));

    await eventually(() => expect(room.messages.map(({ headers }) => headers['message-id'])).toEqual([messageId]));
    await eventually(async () => expect((await listRows(roomId)).map(({ id }) => id)).toEqual([messageId]));
    const dead = (await chat.readLog('chat-messages.dlq')).filter(({ key }) => key === String(roomId));
    expect(dead).toHaveLength(1);
    expect(dead[0]?.value?.equals(value)).toBe(true);
    expect(String(dead[0]?.headers['dlq-reason'])).not.toBe('');
    expect(String(dead[0]?.headers['dlq-source-topic'])).toContain('chat-messages');
  });

  it('whose key is not their room go to chat-messages.dlq', async () => {
    const alice = newPerson('alice');
    const roomId = await chat.createRoomOf(alice);
    const foreign = {
      id: 5,
      senderId: 1,
      roomId,
      content: marked('astray'),
      type: 'GROUP',
      timestamp: '2025-04-29T15:23:00Z',
    };

    await chat.produce('chat-messages', `no-${roomId}`, JSON.stringify(foreign));

    await eventually(async () => {
      const dead = (await chat.readLog('chat-messages.dlq')).filter(({ key }) => key === `no-${roomId}`);
      expect(dead).toHaveLength(1);
    });
    expect(await listRows(roomId)).toEqual([]);
  });
});

describe('the history of a room', () => {
  it('is read in pages in both directions from a message', async () => {
    const alice = newPerson('alice');
    const roomId = await chat.createRoomOf(alice);
    const session = await chat.connect(alice);
    const ids: string[] = [];
    for (let at = 0; at < 7; at += 1) ids.push(await session.sendMessage(roomId, marked(`message ${at}`)));
    await eventually(async () => expect(await listRows(roomId)).toHaveLength(ids.length));
    const slice = async (query: string) => {
      const { status, body } = await chat
        .as(alice)
        .get<{ items: MessageDTO[]; hasMore: boolean }>(`${ROOMS}/${roomId}/messages?${query}`);
      expect(status).toBe(200);
      return { ids: body.items.map(({ id }) => String(id)), hasMore: body.hasMore };
    };

    expect(await slice('limit=3')).toEqual({ ids: ids.slice(4), hasMore: true });
    expect(await slice(`before=${ids[4]}&limit=3`)).toEqual({ ids: ids.slice(1, 4), hasMore: true });
    expect(await slice(`before=${ids[1]}&limit=3`)).toEqual({ ids: ids.slice(0, 1), hasMore: false });
    expect(await slice('after=0&limit=5')).toEqual({ ids: ids.slice(0, 5), hasMore: true });
    expect(await slice(`after=${ids[4]}`)).toEqual({ ids: ids.slice(5), hasMore: false });
  });

  it.each([
    ['before and after together', 'before=1&after=1', 'before'],
    ['a limit over 200', 'limit=201', '200'],
    ['a limit of 0', 'limit=0', 'limit'],
    ['a cursor that is no id', 'before=x', 'before'],
    ['a cursor that is no message of the room', 'before=1', ''],
  ])('refuses %s', async (_, query, says) => {
    const alice = newPerson('alice');
    const { id } = await chat.createRoom(alice);

    const answer = await chat.as(alice).get(`${ROOMS}/${id}/messages?${query}`);

    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(answer.body)).toContain(says);
  });

  it('is for members alone', async () => {
    const { id } = await chat.createRoom(newPerson('alice'));

    const answer = await chat.as(newPerson('stranger')).get(`${ROOMS}/${id}/messages`);

    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: 'NOT_A_MEMBER' });
  });
});

function newNamed(name: string) {
  return newPerson(name);
}

function messageOfRow(row: MessageRow) {
  return {
    id: Number(row.id),
    senderId: Number(row.sender_id),
    roomId: Number(row.room_id),
    content: row.content,
    type: row.type,
    timestamp: row.sent_at.toISOString(),
  };
}

/** The same instant, written as Postgres keeps it. */
function withMilliseconds(message: MessageDTO) {
  return { ...message, timestamp: new Date(message.timestamp).toISOString() };
}

async function readWholeHistory(roomId: number, reader: ReturnType<typeof newPerson>): Promise<readonly MessageDTO[]> {
  const all: MessageDTO[] = [];
  for (let after = 0; ;) {
    const { body } = await chat
      .as(reader)
      .get<{ items: MessageDTO[]; hasMore: boolean }>(`${ROOMS}/${roomId}/messages?after=${after}&limit=100`);
    all.push(...body.items);
    if (!body.hasMore) return all;
    after = body.items.at(-1)?.id ?? 0;
  }
}
