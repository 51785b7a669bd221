import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { useInstancesBeside } from './beside.ts';
import { refusalOf, ROOMS } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { rawFrame } from './clients/raw-connection.ts';
import { RestCaller } from './clients/rest-caller.ts';
import { StompSession } from './clients/stomp-session.ts';
import { sumAt } from './harness/app-metrics.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const startBeside = useInstancesBeside();

describe('a user', () => {
  it('has at most 100 sessions on an instance, and another once one has ended', async () => {
    const { token } = newPerson('alice');
    const connections = await Promise.all(Array.from({ length: 100 }, () => chat.openRaw(0)));
    await Promise.all(connections.map((connection) => connection.connect(token)));
    const oneMore = await chat.openRaw(0);
    oneMore.sendFrame('CONNECT', { 'accept-version': '1.2', Authorization: `Bearer ${token}` });
    const { headers } = await oneMore.next('ERROR');
    expect(headers).toMatchObject({ code: 'TOO_MANY_SESSIONS', message: expect.stringContaining('100 sessions') });
    expect((await oneMore.ended()).code).toBe(1013);
    await (await chat.openRaw(1)).connect(token);
    connections[0]?.cut();
    await eventually(async () => (await chat.openRaw(0)).connect(token));
  });

  it('sends at most 2,000 frames at once, and hears of each one more', async () => {
    const connection = await chat.openRaw(0);
    await connection.connect(newPerson('alice').token);
    connection.sendFrame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });
    const count = 4_000;
    for (let at = 0; at < count; at += 1) {
      connection.sendFrame('SEND', { destination: '/app/heartbeat', receipt: `r${at}` });
    }
    await eventually(() => expect(connection.frames).toHaveLength(1 + count), { deadlineMs: 10_000 });
    const refusals = connection.frames.filter(({ command }) => command === 'MESSAGE');
    expect(refusals.length).toBeGreaterThan(1_000);
    const [first] = refusals.map(({ body }) => JSON.parse(body) as { message: string }); // ErrorDTO
    expect(first).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(first?.message).toContain('2000 of them at once');
    expect(connection.isOpen).toBe(true);
  });
});

describe('a session', () => {
  it('has at most 1,000 subscriptions, and the refusal of one more names the limit', async () => {
    const connection = await chat.openRaw();
    await connection.connect(newPerson('alice').token);
    connection.sendFrame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });
    for (let at = 1; at < 1_000; at += 1) {
      connection.sendFrame('SUBSCRIBE', { id: `s${at}`, destination: '/topic/commands' });
    }

    connection.sendFrame('SUBSCRIBE', { id: 'one-more', destination: '/topic/commands', receipt: 'r1' });

    const refusal = JSON.parse((await connection.next('MESSAGE')).body) as { message: string }; // ErrorDTO
    expect(refusal).toMatchObject({ code: 'TOO_MANY_SUBSCRIPTIONS', receiptId: 'r1', retryable: false });
    expect(refusal.message).toContain('1000');
    expect(connection.isOpen).toBe(true);
  });

  it('that sends a thousand SENDs without waiting gets an answer to each', async () => {
    const alice = newPerson('alice');
    const { id: roomId } = await chat.createRoom(alice);
    const connection = await chat.openRaw();
    await connection.connect(alice.token);
    const sends = Array.from({ length: 1_500 }, (_, at) =>
      rawFrame(
        'SEND',
        { destination: `/app/chat.send/${roomId}`, receipt: `r${at}` },
        JSON.stringify({ content: marked(`${at}`) }),
      ),
    );

    for (const send of sends) connection.sendBytes(send);

    await eventually(() => expect(connection.frames).toHaveLength(1 + sends.length), { deadlineMs: 10_000 });
    const receipts = connection.frames.slice(1).map(({ headers }) => headers['receipt-id']);
    expect(receipts).toEqual(sends.map((_, at) => `r${at}`));
  });

  it('whose client does not read is closed, and nobody else waits for it', async () => {
    const alice = newPerson('alice');
    const bob = newPerson('bob');
    const roomId = await chat.createRoomOf(alice, bob);
    const speaker = await chat.connect(alice, 0);
    const listener = await chat.connect(bob, 0);
    const room = await listener.subscribe(`/topic/chat_rooms/${roomId}`);
    const slow = await chat.openRaw(0);
    await slow.connect(bob.token);
    slow.sendFrame('SUBSCRIBE', { id: 'room', destination: `/topic/chat_rooms/${roomId}`, receipt: 'r1' });
    await slow.next('RECEIPT');
    const messageCount = 300;
    const content = `${'😀'.repeat(9_900)} ${marked('')}`;

    slow.stopReading();
    for (let at = 0; at < messageCount; at += 1) await speaker.sendMessage(roomId, content);
    await eventually(() => expect(room.messages).toHaveLength(messageCount));
    slow.startReading();

    expect([1006, 1013]).toContain((await slow.ended()).code);
    expect(slow.frames.length).toBeLessThan(messageCount);
    expect(listener.isConnected).toBe(true);
  });
});

describe('what all instances count together', () => {
  /** As much as a limit of one a second lets pass at once: its window is 10 s. */
  const AT_ONCE = 10;

  it('are the requests of a user: one instance refuses what another has let pass', async () => {
    const api = await startBeside('rooms-api', { MAX_REQUESTS_PER_SECOND_PER_USER: '1' });
    const [alice, bob] = [newPerson('alice'), newPerson('bob')];
    const ask = ({ token }: typeof alice, url: string) =>
      new RestCaller(url, { authorization: `Bearer ${token}` }).get(`${ROOMS}/user`);

    for (let count = 0; count < AT_ONCE; count += 1) expect((await ask(alice, api.publicUrl)).status).toBe(200);
    const refused = await ask(alice, api.publicUrl);
    expect([refused.status, refused.body['code']]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

    for (let count = 0; count < AT_ONCE; count += 1) await ask(bob, chat.addresses.restUrl);
    await eventually(async () => expect((await ask(bob, api.publicUrl)).status).toBe(429));
    expect(await sumAt(api.internalUrl, 'chat_rooms_limited_requests_total', 'limit="user"')).toBe(2);
  });

  it('are the messages of a room and of a user, and the connections of the address that a trusted proxy names', async () => {
    const gateway = await startBeside('ws-gateway-4', {
      ...{ MAX_SENDS_PER_SECOND_PER_USER: '1', MAX_SEND_BURST_PER_USER: String(AT_ONCE + 3) },
      ...{ MAX_SENDS_PER_SECOND_PER_ROOM: '1', MAX_CONNECTS_PER_SECOND_PER_IP: '1', TRUSTED_PROXIES: 'loopback' },
    });
    const url = `${gateway.publicUrl.replace('http', 'ws')}/ws`;
    const [alice, bob, mallory] = [newPerson('alice'), newPerson('bob'), newPerson('mallory')];
    const roomId = await chat.createRoomOf(alice, bob);
    const there = await chat.connect(bob);
    // at once: their own address has opened more than this instance lets it, which it hears of by its first one
    const [here, hereToo, stranger] = (await Promise.all(
      [alice, bob, mallory].map(({ token }) => StompSession.open({ url, token })),
    )) as [StompSession, StompSession, StompSession]; // as many were opened
    const codeForStranger = async () => (await refusalOf(stranger.sendMessage(roomId, marked('let me in')))).code;
    for (let count = 0; count <= AT_ONCE; count += 1) expect(await codeForStranger()).toBe('NOT_A_MEMBER');
    for (let count = 0; count < AT_ONCE; count += 1) await there.sendMessage(roomId, marked(`${count}`));
    const refused = await eventually(() => refusalOf(here.sendMessage(roomId, marked('one more'))));
    expect(refused).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(refused.message).toContain('A room takes 1 messages a second');
    expect(await codeForStranger()).toBe('NOT_A_MEMBER');
    await there.sendMessage(roomId, marked('elsewhere the limit is higher'));
    const elsewhere = await chat.createRoomOf(alice, bob);
    const tooMany = await eventually(async () => {
      await there.sendMessage(elsewhere, marked('elsewhere the limit is higher'));
      return refusalOf(hereToo.sendMessage(elsewhere, marked('as many as the user sends elsewhere')));
    });
    expect(tooMany.message).toContain('over all sessions');
    for (const limit of ['limit="room"', 'limit="user"'])
      expect(await sumAt(gateway.internalUrl, 'chat_gateway_limited_sends_total', limit)).toBe(1);
    for (const session of [here, hereToo, stranger]) await session.abandon();

    const upgrade = (address: string) =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket(url, { headers: { 'x-forwarded-for': address } });
        socket.once('open', () => (socket.terminate(), resolve(101)));
        socket.once('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode));
        socket.on('error', () => {});
      });
    const answers: number[] = [];
    for (let count = 0; count <= AT_ONCE; count += 1) answers.push(await upgrade('203.0.113.9'));
    expect([answers.slice(0, AT_ONCE).every((status) => status === 101), answers.at(-1)]).toEqual([true, 429]);
    expect(await upgrade('203.0.113.10')).toBe(101);
  });
});
