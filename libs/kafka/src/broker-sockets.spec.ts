import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BrokerSockets } from './broker-sockets.ts';
import { SocketCount } from './socket-count.ts';

let server: Server;
let accepted: Socket[];
let port: number;

beforeEach(async () => {
  accepted = [];
  server = createServer((socket) => void accepted.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port; // a TCP server has a port
});
afterEach(() => {
  for (const socket of accepted) socket.destroy();
  server.close();
});

const options = { ssl: false as never, onConnect: () => {} }; // what kafkajs gives where there is no TLS

async function connect(sockets: BrokerSockets): Promise<{ socket: Socket; error: Promise<Error> }> {
  const socket = sockets.create({ host: '127.0.0.1', port, ...options });
  const error = new Promise<Error>((resolve) => socket.once('error', resolve));
  await once(socket, 'connect');
  return { socket, error };
}

it('destroys all connections to an address of which one does not answer, and leaves an idle client alone', async () => {
  const count = new SocketCount();
  const asking = new BrokerSockets({ count, maxSilenceMs: 600 });
  const [asked, sibling] = [await connect(asking), await connect(asking)];
  const idle = await connect(new BrokerSockets({ count: new SocketCount(), maxSilenceMs: 600 }));
  asked.socket.write('anybody there?');
  const errors = await Promise.all([asked.error, sibling.error]);
  expect(errors.map(({ message }) => message)).toEqual(
    Array.from({ length: 2 }, () => `127.0.0.1:${port} has not answered for 600 ms`),
  );
  await vi.waitFor(() => expect(count.openCount).toBe(0));
  expect(idle.socket.destroyed).toBe(false);
  idle.socket.destroy();
});

it('destroys all connections of a client that is thrown away, and those that it still asks for', async () => {
  const sockets = new BrokerSockets({ count: new SocketCount(), maxSilenceMs: 60_000 });
  const { socket, error } = await connect(sockets);
  sockets.shut();
  expect((await error).message).toContain('thrown away');
  const late = sockets.create({ host: '127.0.0.1', port, ...options });
  const [lateError] = (await once(late, 'error')) as [Error]; // what a socket emits as an error
  expect(lateError.message).toContain('thrown away');
  expect([socket.destroyed, late.destroyed]).toEqual([true, true]);
});
