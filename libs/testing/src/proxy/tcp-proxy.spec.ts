import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Long enough for anything that passes to have passed, in ms. */
const QUIET_MS = 60;

let echo: Server;
let served: Socket[];
let proxy: TcpProxy;
let clients: Client[];

beforeEach(async () => {
  served = [];
  clients = [];
  echo = createServer((socket) => {
    served.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await openTcpProxy({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await proxy.close();
  for (const socket of served) socket.destroy();
  echo.close();
});

/** A client of the echo, and what it has heard. */
class Client {
  readonly socket = connect(proxy.port, proxy.host);
  readonly chunks: string[] = [];
  end: 'open' | 'ended' | string = 'open';

  constructor() {
    clients.push(this);
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => this.chunks.push(chunk.toString()));
    this.socket.on('end', () => (this.end = 'ended'));
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.end = error.code ?? 'error'));
  }

  say(text: string): void {
    this.socket.write(text);
  }

  get heard(): string {
    return this.chunks.join('');
  }
}

async function talking(text = 'hello'): Promise<Client> {
  const client = new Client();
  client.say(text);
  await hears(client, text);
  return client;
}
const hears = (client: Client, text: string) => eventually(() => expect(client.heard).toBe(text));
const ends = (client: Client, end: string) => eventually(() => expect(client.end).toBe(end));

describe('a proxy that nobody has broken', () => {
  it('passes megabytes in both directions as they are', async () => {
    const text = Array.from({ length: 400_000 }, (_, n) => `${n},`).join('');
    await hears(await talking('x'), 'x');
    const client = new Client();
    client.say(text);
    await hears(client, text);
  });

  it('passes the end of one side while the other goes on', async () => {
    const client = await talking();
    client.socket.end(' and bye');
    await hears(client, 'hello and bye');
    await ends(client, 'ended');
    await eventually(() => expect(proxy.connectionCount).toBe(0));
  });
});

describe('cut', () => {
  it('breaks connections, refuses new ones, until mended', async () => {
    const client = await talking();
    proxy.cut();
    await ends(client, 'ended');
    await ends(new Client(), 'ended');
    proxy.mend();
    await talking();
  });
});

describe('reset', () => {
  it('breaks connections with RST on both sides, and takes new ones', async () => {
    const client = await talking();
    const errors: string[] = [];
    served[0]?.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
    proxy.reset();
    await ends(client, 'ECONNRESET');
    await eventually(() => expect(errors).toEqual(['ECONNRESET']));
    await talking();
  });
});

describe('stall', () => {
  it('holds what connections say until mended; new ones are not held', async () => {
    const client = await talking('a');
    proxy.stall();
    client.say('b');
    await talking('new');
    await sleep(QUIET_MS);
    expect(client.heard).toBe('a');
    expect(client.end).toBe('open');
    proxy.mend();
    await hears(client, 'ab');
  });
});

describe('blackHole', () => {
  it('takes connections and passes nothing, old and new, until mended', async () => {
    const old = await talking('a');
    proxy.blackHole();
    old.say('b');
    const young = new Client();
    await once(young.socket, 'connect');
    young.say('c');
    await sleep(QUIET_MS);
    expect([old.heard, young.heard, young.end]).toEqual(['a', '', 'open']);
    expect(served).toHaveLength(1);
    proxy.mend();
    await hears(old, 'ab');
    await hears(young, 'c');
  });
});

describe('halfCut', () => {
  it.each(['request', 'reply'] as const)('loses each %s and passes the other way', async (direction) => {
    const old = await talking('a');
    const got: string[] = [];
    served[0]?.on('data', (chunk) => got.push(chunk.toString()));
    proxy.halfCut(direction);
    old.say('b');
    const young = new Client();
    young.say('c');
    await sleep(QUIET_MS);
    expect(got).toEqual(direction === 'request' ? [] : ['b']);
    expect([old.heard, young.heard]).toEqual(['a', '']);
    if (direction === 'request') {
      served[0]?.write('from the service');
      await hears(old, 'afrom the service');
    }
    proxy.mend();
    await hears(young, 'c');
  });
});

describe('cutBeforeReply', () => {
  it('lets one request through and breaks its connection when the reply comes', async () => {
    const [asking, other] = [await talking('a'), await talking('x')];
    const got: string[] = [];
    served[0]?.on('data', (chunk) => got.push(chunk.toString()));
    proxy.cutBeforeReply();
    asking.say('b');
    await ends(asking, 'ECONNRESET');
    expect(got).toEqual(['b']);
    expect(asking.heard).toBe('a');
    other.say('y');
    await hears(other, 'xy');
  });
});

describe('slow', () => {
  it('delays each way by the latency', async () => {
    const client = await talking('a');
    proxy.slow({ latencyMs: 80 });
    const startedAt = performance.now();
    client.say('b');
    await hears(client, 'ab');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(155);
  });

  it('passes no more bytes a second than there is bandwidth, and the rest at once when mended', async () => {
    const client = await talking('a');
    proxy.slow({ bytesPerSecond: 10_000 });
    client.say('b'.repeat(100_000));
    await sleep(300);
    expect(client.heard.length).toBeGreaterThan(500);
    expect(client.heard.length).toBeLessThan(6_000);
    proxy.mend();
    await eventually(() => expect(client.heard).toHaveLength(100_001), { deadlineMs: 2_000 });
  });

  it('brings one byte at a time, in order', async () => {
    const client = await talking('a');
    proxy.slow({ sliceBytes: 1 });
    const text = Array.from({ length: 100 }, (_, n) => `${n},`).join('');
    client.say(text);
    await hears(client, `a${text}`);
    expect(client.chunks.length).toBeGreaterThan(text.length / 2);
  });
});

describe('a service that is away', () => {
  it('shows as a connection that ends', async () => {
    for (const socket of served) socket.destroy();
    echo.close();
    await once(echo, 'close');
    const client = new Client();
    await eventually(() => expect(client.end).not.toBe('open'));
  });
});
