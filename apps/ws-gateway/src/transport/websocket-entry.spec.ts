import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createLogger, createMetricsRegistry } from '@chat/service-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { createGatewayMetrics } from '../metrics.ts';
import { WebSocketEntry, type WebSocketEntryOptions } from './websocket-entry.ts';

const logger = createLogger('test', { level: 'silent', instanceId: 'test' });
const cleanUp: (() => void)[] = [];

afterEach(() => {
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
    metrics: createGatewayMetrics(createMetricsRegistry('test'), () => 0),
    logger,
    ...change,
  });
  await entry.start();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => server.close());
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
