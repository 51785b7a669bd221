import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { HttpListener } from './http-listener.ts';

it('cuts a client that does not take its answer', async () => {
  const answer = Buffer.alloc(64 * 1_048_576); // more than the system takes by itself
  const listener = new HttpListener({
    name: 'listener',
    host: '127.0.0.1',
    port: 0,
    handler: (_, response) => response.end(answer),
    idleTimeoutMs: 200,
  });
  await listener.start();
  const [client, [served]] = await Promise.all([
    connect(listener.port, '127.0.0.1'),
    once(listener.server, 'connection') as Promise<[NodeJS.EventEmitter]>, // its socket
  ]);
  client.on('error', () => {}).pause();
  client.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
  await once(served, 'close');
  client.destroy();
  await listener.stop();
  expect(listener.port).toBe(0);
});
