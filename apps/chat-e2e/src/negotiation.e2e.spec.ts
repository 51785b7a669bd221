import { Versions } from '@stomp/stompjs';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { rawFrame } from './clients/raw-connection.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

describe('the version of STOMP', () => {
  it.each([
    {
      subProtocols: ['v12.stomp', 'v11.stomp', 'v10.stomp'],
      accepts: '1.0,1.1,1.2',
      speaks: '1.2',
      protocol: 'v12.stomp',
    },
    { subProtocols: ['v10.stomp', 'v11.stomp'], accepts: '1.0,1.1', speaks: '1.1', protocol: 'v11.stomp' },
    { subProtocols: ['v10.stomp'], accepts: '1.0', speaks: '1.0', protocol: 'v10.stomp' },
    { subProtocols: [], accepts: '1.0,1.1,1.2', speaks: '1.2', protocol: '' },
    { subProtocols: [], accepts: '1.1', speaks: '1.1', protocol: '' },
    { subProtocols: [], accepts: '1.0', speaks: '1.0', protocol: '' },
    { subProtocols: [], accepts: '1.2,9.9', speaks: '1.2', protocol: '' },
    { subProtocols: ['v10.stomp'], accepts: null, speaks: '1.0', protocol: 'v10.stomp' },
    { subProtocols: [], accepts: null, speaks: '1.0', protocol: '' },
  ])('is the highest common one: sub-protocols $subProtocols, accept-version $accepts', async (given) => {
    const { subProtocols, accepts, speaks, protocol } = given;
    const connection = await chat.openRaw(0, subProtocols);
    const { token } = newPerson('alice');

    connection.sendFrame('CONNECT', {
      ...(accepts !== null && { 'accept-version': accepts }),
      Authorization: `Bearer ${token}`,
    });
    const connected = await connection.next('CONNECTED');

    expect(connection.subProtocol).toBe(protocol);
    expect(connected.headers['version'] ?? '1.0').toBe(speaks);
    connection.sendFrame('SUBSCRIBE', { id: 's1', destination: '/user/queue/heartbeatReply' });
    connection.sendFrame('SEND', { destination: '/app/heartbeat' });
    const pong = await connection.next('MESSAGE');
    expect(pong.headers).toMatchObject({ subscription: 's1', destination: '/user/queue/heartbeatReply' });
    expect(pong.headers['message-id']).toBeTruthy();
    connection.sendFrame('DISCONNECT', { receipt: 'bye' });
    expect((await connection.next('RECEIPT')).headers['receipt-id']).toBe('bye');
    expect((await connection.ended()).code).toBe(1000);
  });

  it('that nobody here speaks gets ERROR with the versions there are, and close 1002', async () => {
    const connection = await chat.openRaw();

    connection.sendFrame('CONNECT', { 'accept-version': '2.0', Authorization: `Bearer ${newPerson().token}` });

    expect((await connection.next('ERROR')).headers['version']).toBe('1.0,1.1,1.2');
    expect((await connection.ended()).code).toBe(1002);
  });

  it('may be asked for with STOMP in the place of CONNECT', async () => {
    const connection = await chat.openRaw();

    connection.sendFrame('STOMP', { 'accept-version': '1.2', Authorization: `Bearer ${newPerson().token}` });

    expect((await connection.next('CONNECTED')).headers['version']).toBe('1.2');
  });

  it.each(['1.0', '1.1', '1.2'])('%s is spoken with the stock client', async (version) => {
    const alice = newPerson('alice');
    const { id: roomId } = await chat.createRoom(alice);
    const session = await chat.connect(alice, 0, { versions: new Versions([version]) });
    const room = await session.subscribe(`/topic/chat_rooms/${roomId}`);

    const messageId = await session.sendMessage(roomId, marked(`in ${version}: a:b\\c\nd`));

    expect(session.version ?? '1.0').toBe(version);
    await eventually(() => expect(room.messages[0]?.headers['message-id']).toBe(messageId));
  });
});

describe('a client of STOMP 1.0', () => {
  it('subscribes without an id and unsubscribes by destination', async () => {
    const connection = await chat.openRaw(0, ['v10.stomp']);
    await connection.connect(newPerson('alice').token, { 'accept-version': '1.0' });

    connection.sendFrame('SUBSCRIBE', { destination: '/user/queue/heartbeatReply', receipt: 'r1' });
    await connection.next('RECEIPT');
    connection.sendFrame('SEND', { destination: '/app/heartbeat' });
    expect((await connection.next('MESSAGE')).headers['destination']).toBe('/user/queue/heartbeatReply');
    connection.sendFrame('UNSUBSCRIBE', { destination: '/user/queue/heartbeatReply', receipt: 'r2' });

    expect((await connection.next('RECEIPT')).headers['receipt-id']).toBe('r2');
  });
});

describe('WebSocket messages', () => {
  it('may carry half a frame and several frames', async () => {
    const alice = newPerson('alice');
    const { id: roomId } = await chat.createRoom(alice);
    const connection = await chat.openRaw();
    const send = (receipt: string) =>
      rawFrame(
        'SEND',
        { destination: `/app/chat.send/${roomId}`, receipt },
        JSON.stringify({ content: marked(`${receipt} 😀`) }),
      );
    const all = Buffer.from(
      `\n${rawFrame('CONNECT', { 'accept-version': '1.2', Authorization: `Bearer ${alice.token}` })}\n\r\n` +
        rawFrame('SUBSCRIBE', { id: 's', destination: `/topic/chat_rooms/${roomId}`, receipt: 'r0' }) +
        send('r1') +
        send('r2'),
    );

    const cuts = [0, 5, 60, all.length - 310, all.length - 120, all.length - 12, all.length];
    for (const [at, from] of cuts.slice(0, -1).entries()) connection.sendBytes(all.subarray(from, cuts[at + 1]));

    await connection.next('CONNECTED');
    await eventually(() => expect(connection.frames).toHaveLength(6));
    const ofCommand = (command: string) => connection.frames.filter((frame) => frame.command === command);
    expect(
      ofCommand('RECEIPT')
        .map(({ headers }) => headers['receipt-id'])
        .sort(),
    ).toEqual(['r0', 'r1', 'r2']);
    const contents = ofCommand('MESSAGE').map(({ body }) => (JSON.parse(body) as { content: string }).content); // MessageDTO
    expect(contents).toEqual([marked('r1 😀'), marked('r2 😀')]);
  });

  it('may carry one byte each', async () => {
    const connection = await chat.openRaw();
    const frame = rawFrame('CONNECT', { 'accept-version': '1.2', Authorization: `Bearer ${newPerson().token}` });

    for (const byte of Buffer.from(frame)) connection.sendBytes(Buffer.from([byte]));

    expect((await connection.next('CONNECTED')).headers['version']).toBe('1.2');
  });

  it('may be text or binary', async () => {
    const connection = await chat.openRaw();

    connection.sendBytes(
      Buffer.from(rawFrame('CONNECT', { 'accept-version': '1.2', Authorization: `Bearer ${newPerson().token}` })),
    );
    await connection.next('CONNECTED');
    connection.sendBytes(rawFrame('SEND', { destination: '/app/heartbeat', receipt: 'text' }));

    expect((await connection.next('RECEIPT')).headers['receipt-id']).toBe('text');
  });
});

describe('heart-beats', () => {
  it('come from the gateway as often as agreed', async () => {
    const connection = await chat.openRaw();

    const connected = await connection.connect(newPerson('alice').token, { 'heart-beat': '0,1000' });
    const [sendsMs = 0] = (connected.headers['heart-beat'] ?? '').split(',').map(Number);

    expect(sendsMs).toBeGreaterThan(0);
    const everyMs = Math.max(sendsMs, 1_000);
    await eventually(() => expect(connection.heartBeatCount).toBeGreaterThan(0), { deadlineMs: everyMs + 1_000 });
  });

  it('do not come where the client wants none', async () => {
    const silent = await chat.openRaw();
    await silent.connect(newPerson('alice').token, { 'heart-beat': '0,0' });
    const beating = await chat.openRaw();
    await beating.connect(newPerson('bob').token, { 'heart-beat': '0,1000' });

    await eventually(() => expect(beating.heartBeatCount).toBeGreaterThan(0), { deadlineMs: 15_000 });

    expect(silent.heartBeatCount).toBe(0);
  });

  it('that a client promised and does not send cost it its socket', async () => {
    const connection = await chat.openRaw();
    const connected = await connection.connect(newPerson('alice').token, { 'heart-beat': '1000,0' });
    const wantsMs = Number((connected.headers['heart-beat'] ?? '').split(',')[1]);
    const everyMs = Math.max(wantsMs, 1_000);

    await eventually(() => expect(connection.isOpen).toBe(false), { deadlineMs: everyMs * 2 + 2_000 });
  });

  it('both ways keep the stock client connected', async () => {
    const session = await chat.connect(newPerson('alice'), 0, { heartbeatIncoming: 1_000, heartbeatOutgoing: 1_000 });

    await eventually(() => expect(session.heartbeatCount).toBeGreaterThan(0), { deadlineMs: 15_000 });

    expect(session.isConnected).toBe(true);
  });

  it('that are malformed are a protocol fault', async () => {
    const connection = await chat.openRaw();
    connection.sendFrame('CONNECT', {
      'accept-version': '1.2',
      Authorization: `Bearer ${newPerson().token}`,
      'heart-beat': 'often',
    });

    await connection.next('ERROR');
    expect((await connection.ended()).code).toBe(1002);
  });
});

describe('DISCONNECT', () => {
  it('is answered behind everything that was sent before it', async () => {
    const alice = newPerson('alice');
    const { id: roomId } = await chat.createRoom(alice);
    const connection = await chat.openRaw();
    await connection.connect(alice.token);
    for (let at = 0; at < 20; at += 1) {
      connection.sendFrame(
        'SEND',
        { destination: `/app/chat.send/${roomId}`, receipt: `r${at}` },
        JSON.stringify({ content: marked(`${at}`) }),
      );
    }

    connection.sendFrame('DISCONNECT', { receipt: 'bye' });

    expect((await connection.ended()).code).toBe(1000);
    const receipts = connection.frames.filter(({ command }) => command === 'RECEIPT');
    expect(receipts.at(-1)?.headers['receipt-id']).toBe('bye');
    expect(receipts).toHaveLength(21);
  });
});
