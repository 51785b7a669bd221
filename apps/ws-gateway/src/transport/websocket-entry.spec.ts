import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createLogger, createMetricsRegistry } from '@chat/service-kit';
import { asUserId } from '@chat/dto';
import { createFrame, DEFAULT_FRAME_LIMITS, serializeFrame } from '@chat/stomp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
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

/** An entry on a server of its own, which takes no connection unless it is told otherwise. */
async function listen(change: Partial<WebSocketEntryOptions> = {}) {
  const server = createServer();
  const entry = new WebSocketEntry({
    server,
    connectionLimits: { maxOutboundBytes: 1_048_576, shedOutboundBytes: 262_144 },
    maxConnections: 0,
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
async function askForUpgrade(port: number, path = '/ws'): Promise<{ socket: Socket; answer: () => string }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  cleanUp.push(() => socket.destroy());
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  await once(socket, 'connect');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  return { socket, answer: () => answer };
}

/** A gateway that takes every SEND and answers none. */
function createSilentGateway(dispatched: (destination: string) => void): Gateway {
  return {
    authenticate: () => Promise.resolve({ userId: asUserId(1), username: 'ada', expiresAt: Infinity }),
    abandon: () => {},
    open: () => {},
    subscribe: () => Promise.resolve({}),
    unsubscribe: () => {},
    dispatch: (_, { destination }) => {
      dispatched(destination);
      return { handedOver: null, outcome: new Promise(() => {}) };
    },
    close: () => {},
  };
}

function conversationsWith(gateway: Gateway): WebSocketEntryOptions['createConversation'] {
  return (link, about) =>
    new Conversation({
      link,
      gateway,
      session: { ...about, heartBeat: { sendMs: 10_000, wantMs: 10_000 }, maxSubscriptions: 10 },
      frameLimits: DEFAULT_FRAME_LIMITS,
      maxInFlightSends: 10,
      liveness: { connectTimeoutMs: 60_000, idleAfterMs: 75_000, stalledAfterMs: 10_000 },
      now: () => 0,
      metrics,
      logger,
    });
}

const CONNECT = serializeFrame(createFrame('CONNECT', { 'accept-version': '1.2' }), '1.2');
const send = (roomId: number) =>
  serializeFrame(createFrame('SEND', { destination: `/app/chat.send/${roomId}` }), '1.2');

/** A client with one SEND in flight, and the code that it is closed with. */
async function converse(port: number): Promise<{ client: WebSocket; code: Promise<number> }> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  cleanUp.push(() => client.terminate());
  const code = new Promise<number>((resolve) => client.once('close', resolve));
  await once(client, 'open');
  client.send(Buffer.concat([CONNECT, send(1)]));
  return { client, code };
}

describe('the drain', () => {
  it('reads from nobody any more, whatever wave it is in, and waits once for all that is in flight', async () => {
    const count = 501; // two waves
    const destinations: string[] = [];
    const inFlight = Promise.withResolvers<void>();
    const gateway = createSilentGateway((destination) => {
      if (destinations.push(destination) === count) inFlight.resolve();
    });
    const { entry, port } = await listen({ maxConnections: count, createConversation: conversationsWith(gateway) });
    const clients = await Promise.all(Array.from({ length: count }, () => converse(port)));
    await inFlight.promise;

    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const stopped = entry.stop();
    await Promise.all(clients.map(({ client }) => new Promise((resolve) => client.send(send(2), resolve))));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(5_000);
    await vi.advanceTimersByTimeAsync(100);
    await stopped;
    expect(new Set(await Promise.all(clients.map(({ code }) => code)))).toEqual(new Set([1012]));
    expect(destinations).toEqual(Array.from({ length: count }, () => '/app/chat.send/1'));
    const { values } = await metrics.closes.get();
    expect(values).toMatchObject([{ labels: { reason: 'RESTART' }, value: count }]);
  }, 20_000);
});

describe('a refused upgrade', () => {
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
});
