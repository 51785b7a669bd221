import { once } from 'node:events';
import { Socket, type AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BrokerSockets } from './broker-sockets.ts';
import { SocketCount } from './socket-count.ts';

/** Of nobody: made for this file, for localhost, until 2126. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdubX0h9vJ1MWwZzK
8rGzL4rbq6VTspzIMuytlVlDPSahRANCAAT+S4TeytwMkeJLm+pAvWIu3oHzOM4/
RxE734i++frTZrq9NV8ixs9qCJIbwNLLxZs3Ne6ZmFHQ5R6PwG56H309
-----END PRIVATE KEY-----
`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUc2vKN2yZoQwk37Jg3bLV3QmWXaYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDEwMzkwN1oYDzIxMjYxMTA2
MTAzOTA3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT+S4TeytwMkeJLm+pAvWIu3oHzOM4/RxE734i++frTZrq9NV8ixs9q
CJIbwNLLxZs3Ne6ZmFHQ5R6PwG56H309o2kwZzAdBgNVHQ4EFgQU4Wa/jWahfb4P
NCWAlvbXkDqI18EwHwYDVR0jBBgwFoAU4Wa/jWahfb4PNCWAlvbXkDqI18EwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgDvn9k73NWQfYXG4UDOlDbHBokBK9rHhUhYa2oK+9444CIQC5q0QhdLUH
QOqEQgkwweJNrfDXAB8ymCJMaFOBA2Hy1Q==
-----END CERTIFICATE-----
`;

let server: Server;
let accepted: TLSSocket[];
let port: number;

beforeEach(async () => {
  accepted = [];
  server = createServer({ key: KEY, cert: CERTIFICATE }, (socket) => void accepted.push(socket));
  server.listen(0, 'localhost');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port; // a TCP server has a port
});
afterEach(() => {
  for (const socket of accepted) socket.destroy();
  server.close();
});

function connect(sockets: BrokerSockets, onConnect = () => {}): TLSSocket {
  const options = { host: 'localhost', port, ssl: { ca: CERTIFICATE }, onConnect };
  return sockets.create(options) as TLSSocket; // what it makes where TLS is asked for
}

it('trusts a broker by its name, tells it that name, and sends small requests at once', async () => {
  const onConnect = vi.fn();
  const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
  const socket = connect(new BrokerSockets({ count: new SocketCount(), maxSilenceMs: 60_000 }), onConnect);
  await once(socket, 'secureConnect');
  expect(onConnect).toHaveBeenCalledOnce();
  expect(socket.authorized).toBe(true);
  expect(setNoDelay.mock.contexts).toContain(socket);
  setNoDelay.mockRestore();
  await vi.waitFor(() => expect(accepted.map(({ servername }) => servername)).toEqual(['localhost']));
  socket.destroy();
});

it('destroys connections of which one does not answer, over TLS too, and counts them', async () => {
  const count = new SocketCount();
  const sockets = new BrokerSockets({ count, maxSilenceMs: 600 });
  const [asked, sibling] = [connect(sockets), connect(sockets)];
  const errors = [asked, sibling].map((socket) => once(socket, 'error') as Promise<[Error]>);
  await Promise.all([once(asked, 'secureConnect'), once(sibling, 'secureConnect')]);
  expect(count.openCount).toBe(2);
  asked.write('anybody there?');
  for (const [error] of await Promise.all(errors)) expect(error.message).toContain('has not answered for 600 ms');
  await vi.waitFor(() => expect(count.openCount).toBe(0));
});

it('leaves an answered connection alone', async () => {
  server.on('secureConnection', (socket) => socket.on('data', () => socket.write('here')));
  const socket = connect(new BrokerSockets({ count: new SocketCount(), maxSilenceMs: 600 }));
  await once(socket, 'secureConnect');
  socket.resume().write('anybody there?');
  await once(socket, 'data');
  const isOver = await Promise.race([
    once(socket, 'close'),
    new Promise((resolve) => setTimeout(resolve, 1_700, null)),
  ]);
  expect(isOver).toBeNull();
  socket.destroy();
});
