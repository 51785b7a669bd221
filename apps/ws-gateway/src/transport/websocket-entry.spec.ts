import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createClientAddress } from '@chat/auth';
import { createLogger, createMetricsRegistry } from '@chat/service-kit';
import { asUserId } from '@chat/dto';
import { createFrame, DEFAULT_FRAME_LIMITS, serializeFrame } from '@chat/stomp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { inOrder } from '../broker/dispatched.ts';
import type { Gateway } from '../broker/gateway.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { Conversation } from './conversation.ts';
import { WebSocketEntry, type WebSocketEntryOptions } from './websocket-entry.ts';

const metrics = createGatewayMetrics(createMetricsRegistry('test'), () => 0);
const logger = createLogger('test', { level: 'silent', instanceId: 'test' });
const cleanUp: (() => void)[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const clean of cleanUp.splice(0)) clean();
});

const NOBODY = { maxConnections: 0, maxConnectsPerSecond: 1_000, maxMessageBytes: 65_536 };

/** An entry on a server of its own, which takes no connection unless it is told otherwise. */
async function listen(change: Partial<WebSocketEntryOptions> = {}) {
  const server = createServer();
  const entry = new WebSocketEntry({
    server,
    connectionLimits: { maxOutboundBytes: 1_048_576, shedOutboundBytes: 262_144 },
    limits: NOBODY,
    allowedOrigins: ['https://chat.example'],
    perAddress: { rate: { perSecond: Infinity, take: () => 0 }, addressOf: () => 'here' },
    createConversation: () => {
      throw new Error('nobody is let in here');
    },
    metrics,
    logger,
    ...change,
  });
  await entry.start();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(
    () => server.close(),
    () => void entry.stop(),
  );
  return { entry, server, port: (server.address() as AddressInfo).port };
}

/** A client that asks for an upgrade and never ends its own half. */
async function askForUpgrade(
  port: number,
  path = '/ws',
  headerLines = '',
): Promise<{ socket: Socket; answer: () => string }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  cleanUp.push(() => socket.destroy());
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  await once(socket, 'connect');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: here\r\n${headerLines}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  return { socket, answer: () => answer };
}

const LIMITS = {
  ...{ maxSubscriptions: 10, maxUnacknowledged: 10 },
  ...{ maxTransactions: 1, maxTransactionFrames: 1, maxTransactionBytes: 1 },
};

/** A gateway that takes every SEND and answers none but those to the rooms that it is told to. */
function createGateway(dispatched: (destination: string) => void, answers: (destination: string) => boolean): Gateway {
  return {
    authenticate: () =>
      Promise.resolve({
        userId: asUserId(1),
        username: 'ada',
        expiresAt: Infinity,
        token: { id: 't-1', issuedAt: null },
      }),
    abandon: () => {},
    open: () => {},
    subscribe: () => inOrder(Promise.resolve({})),
    hurry: () => {},
    unsubscribe: () => {},
    dispatch: (_, { destination }) => {
      dispatched(destination);
      return { handedOver: null, outcome: answers(destination) ? Promise.resolve({}) : new Promise(() => {}) };
    },
    commit: () => ({ handedOver: null, outcome: Promise.resolve([]) }),
    answered: () => {},
    close: () => {},
  };
}

function conversationsWith(gateway: Gateway): WebSocketEntryOptions['createConversation'] {
  return (link, about) =>
    new Conversation({
      link,
      gateway,
      session: { ...about, heartBeat: { sendMs: 10_000, wantMs: 10_000 }, limits: LIMITS },
      frameLimits: DEFAULT_FRAME_LIMITS,
      maxInFlightSends: 10,
      liveness: { connectTimeoutMs: 60_000, idleAfterMs: 75_000, stalledAfterMs: 10_000 },
      now: () => 0,
      metrics,
      logger,
    });
}

const CONNECT = serializeFrame(createFrame('CONNECT', { 'accept-version': '1.2' }), '1.2');
const destinationOf = (room: number) => `/app/chat.send/${room}`;
const send = (room: number) =>
  serializeFrame(createFrame('SEND', { destination: destinationOf(room), receipt: `of room ${room}` }), '1.2');

interface Talker {
  readonly client: WebSocket;
  /** Everything that it has received. */
  readonly heard: () => string;
  /** The code that it was closed with; null while it is open. */
  readonly code: () => number | null;
}

/** A client that has connected and sent to the room. */
async function talk(port: number, room: number): Promise<Talker> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  cleanUp.push(() => client.terminate());
  let heard = '';
  let code: number | null = null;
  client.on('message', (bytes: Buffer) => (heard += bytes.toString()));
  client.once('close', (closeCode) => (code = closeCode));
  await once(client, 'open');
  client.send(Buffer.concat([CONNECT, send(room)]));
  return { client, heard: () => heard, code: () => code };
}

const FIRST_WAVE_COUNT = 500;

/** One client more than the first wave of the drain takes; each has a SEND to a room of its own. */
async function twoWaves(answers: (destination: string) => boolean = () => false) {
  const dispatched = new Set<string>();
  const gateway = createGateway((destination) => dispatched.add(destination), answers);
  const { entry, port } = await listen({
    limits: { ...NOBODY, maxConnections: 1_000 },
    createConversation: conversationsWith(gateway),
  });
  const talkers = await Promise.all(Array.from({ length: FIRST_WAVE_COUNT }, (_, at) => talk(port, at + 1)));
  const last = await talk(port, FIRST_WAVE_COUNT + 1);
  await vi.waitFor(() => expect(dispatched.size).toBe(FIRST_WAVE_COUNT + 1));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  return { entry, dispatched, talkers, last };
}

/** Until all bytes that are on their way have been seen to. */
async function networkIsQuiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('the drain', () => {
  it('serves a session until its wave comes, then reads no more of it', async () => {
    const { entry, dispatched, talkers, last } = await twoWaves();
    const stopped = entry.stop();
    for (const { client } of talkers) client.send(send(1_000));
    last.client.send(send(2_000));
    await networkIsQuiet();
    expect(dispatched).not.toContain(destinationOf(1_000));
    expect(dispatched).toContain(destinationOf(2_000));

    await vi.advanceTimersByTimeAsync(100);
    last.client.send(send(3_000));
    await networkIsQuiet();
    expect(dispatched).not.toContain(destinationOf(3_000));
    await vi.advanceTimersByTimeAsync(5_000);
    await networkIsQuiet();
    await stopped;
  }, 20_000);

  it("gives what is in flight 5 s from the session's own stop, and closes with 1012", async () => {
    const { entry, talkers, last } = await twoWaves();
    const stopped = entry.stop();
    await vi.advanceTimersByTimeAsync(4_999);
    await networkIsQuiet();
    expect(talkers[0]?.code()).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    await networkIsQuiet();
    expect(new Set(talkers.map(({ code }) => code()))).toEqual(new Set([1012]));
    expect(last.code()).toBeNull();
    await vi.advanceTimersByTimeAsync(100);
    await networkIsQuiet();
    expect(last.code()).toBe(1012);
    await stopped;
    const { values } = await metrics.closes.get();
    expect(values.find(({ labels }) => labels.reason === 'RESTART')?.value).toBeGreaterThan(FIRST_WAVE_COUNT);
  }, 20_000);

  it('is over with the last socket: a client that does not take its close is cut after 2 s', async () => {
    const gateway = createGateway(
      () => {},
      () => true,
    );
    const { entry, port } = await listen({
      limits: { ...NOBODY, maxConnections: 2 },
      createConversation: conversationsWith(gateway),
    });
    const [reading, deaf] = await Promise.all([talk(port, 1), talk(port, 2)]);
    await vi.waitFor(() => expect(deaf.heard()).toContain('RECEIPT'));
    deaf.client.pause();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    let isOver = false;
    const stopped = entry.stop().then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(1_999);
    await networkIsQuiet();
    expect(reading.code()).toBe(1012);
    expect(reading.heard()).toContain('receipt-id:of room 1');
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
  });
});

describe('the end of a WebSocket', () => {
  it.each([
    ['by a client that goes away', (client: WebSocket) => client.close(1001), { reason: 'CLIENT', code: 1001 }],
    [
      'by a client with a code of its own',
      (client: WebSocket) => client.close(4999),
      { reason: 'CLIENT', code: 'other' },
    ],
    ['without a close', (client: WebSocket) => client.terminate(), { reason: 'LOST', code: 1006 }],
    [
      'for a message that ws does not take',
      (client: WebSocket) => client.send(Buffer.alloc(NOBODY.maxMessageBytes + 1)),
      { reason: 'TOO_BIG', code: 1009 },
    ],
  ])('%s is counted once', async (_, end, labels) => {
    const gateway = createGateway(
      () => {},
      () => true,
    );
    const limits = { ...NOBODY, maxConnections: 9, maxConnectsPerSecond: 9 };
    const { port } = await listen({ limits, createConversation: conversationsWith(gateway) });
    const { client } = await talk(port, 1);
    metrics.closes.reset();
    end(client);
    await vi.waitFor(async () => expect((await metrics.closes.get()).values).toEqual([{ labels, value: 1 }]));
    await networkIsQuiet();
    expect((await metrics.closes.get()).values).toEqual([{ labels, value: 1 }]);
  });
});

describe('a refused upgrade', () => {
  it('names the limit that it is over, says when to come again, and is counted by reason', async () => {
    const limits = { ...NOBODY, maxConnections: 9, maxConnectsPerSecond: 1 };
    const gateway = createGateway(
      () => {},
      () => true,
    );
    const { port } = await listen({ limits, createConversation: conversationsWith(gateway) });
    const [first, second] = [await askForUpgrade(port), await askForUpgrade(port)];
    await once(second.socket, 'end');
    expect(first.answer()).toContain('HTTP/1.1 101 ');
    expect(second.answer()).toContain('HTTP/1.1 503 ');
    expect(second.answer()).toContain('Retry-After: 1');
    expect(second.answer()).toContain('This instance takes 1 connections a second.');
    const { values } = await metrics.refusedUpgrades.get();
    expect(values).toContainEqual({ labels: { reason: 'rate' }, value: 1 });
  });

  it.each([
    ['/ws', 'HTTP/1.1 503 '],
    ['/elsewhere', 'HTTP/1.1 404 '],
  ])('of %s is answered and cut, though the client keeps its half open', async (path, status) => {
    const { port, server } = await listen();
    const { socket, answer } = await askForUpgrade(port, path);
    await once(socket, 'end');
    expect(answer()).toContain(status);
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  it.each([
    ['', 'https://evil.example', 403, 'origin', 'ALLOWED_ORIGINS'],
    ['', 'null', 403, 'origin', 'ALLOWED_ORIGINS'],
    ['?access_token=x', 'https://chat.example', 400, 'token', 'send it in the Authorization header of CONNECT'],
  ])('says why to /ws%s from a page of %s, and is counted', async (query, origin, status, reason, words) => {
    const { port } = await listen({ limits: { ...NOBODY, maxConnections: 9 } });
    const before = await refusedFor(reason);
    const { socket, answer } = await askForUpgrade(port, `/ws${query}`, `Origin: ${origin}\r\n`);
    await once(socket, 'end');
    expect(answer()).toContain(`HTTP/1.1 ${status} `);
    expect(answer()).toContain(words);
    expect(answer()).toContain('x-content-type-options: nosniff');
    expect(await refusedFor(reason)).toBe(before + 1);
  });

  it('of a peer that is gone before anybody has looked at it is nothing to stumble over', async () => {
    const { port } = await listen({
      limits: { ...NOBODY, maxConnections: 9 },
      perAddress: { rate: { perSecond: 7, take: () => 1 }, addressOf: createClientAddress([]) },
    });
    const before = await refusedFor('address');
    for (let each = 0; each < 20; each += 1) {
      const { socket } = await askForUpgrade(port);
      socket.resetAndDestroy();
    }
    await vi.waitFor(async () => expect(await refusedFor('address')).toBe(before + 20));
  });

  it('of an address costs the others nothing of what the instance takes', async () => {
    const takes = [1_000, 1_000, 0];
    const { port } = await listen({
      limits: { ...NOBODY, maxConnections: 9, maxConnectsPerSecond: 1 },
      perAddress: { rate: { perSecond: 7, take: () => takes.shift() ?? 0 }, addressOf: () => '192.0.2.1' },
      createConversation: conversationsWith(
        createGateway(
          () => {},
          () => true,
        ),
      ),
    });
    for (let each = 0; each < 2; each += 1) await once((await askForUpgrade(port)).socket, 'end');
    const { answer } = await askForUpgrade(port);
    await vi.waitFor(() => expect(answer()).toContain('HTTP/1.1 101 '));
  });

  it('of an address that opens too many says when to come again', async () => {
    const before = await refusedFor('address');
    const rate = { perSecond: 7, take: (key: string | number) => (key === '192.0.2.1' ? 2_500 : 0) };
    const { port } = await listen({
      limits: { ...NOBODY, maxConnections: 9 },
      perAddress: { rate, addressOf: () => '192.0.2.1' },
    });
    const { socket, answer } = await askForUpgrade(port);
    await once(socket, 'end');
    expect(answer()).toContain('HTTP/1.1 429 ');
    expect(answer()).toContain('Retry-After: 3');
    expect(answer()).toContain('One address may open 7 connections a second.');
    expect(await refusedFor('address')).toBe(before + 1);
  });

  it.each(['https://chat.example', 'http://here'])('is none for a page of %s', async (origin) => {
    const gateway = createGateway(
      () => {},
      () => true,
    );
    const { port } = await listen({
      limits: { ...NOBODY, maxConnections: 9 },
      createConversation: conversationsWith(gateway),
    });
    const { answer } = await askForUpgrade(port, '/ws', `Origin: ${origin}\r\n`);
    await vi.waitFor(() => expect(answer()).toContain('HTTP/1.1 101 '));
  });
});

async function refusedFor(reason: string): Promise<number> {
  const { values } = await metrics.refusedUpgrades.get();
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
}
