import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { CLOSE_LINGER_MS } from '../limits.ts';
import { Connection } from './connection.ts';
import { FlushQueue } from './flush-queue.ts';
import { ScratchBuffers } from './scratch-buffers.ts';

const KIB = 1_024;
const limits = { maxOutboundBytes: 1_024 * KIB, shedOutboundBytes: 256 * KIB };

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A system below the socket: it takes at once what is written, or keeps the writer waiting until it is told to. */
function createSystem() {
  const taken: Buffer[] = [];
  const waiting: (() => void)[] = [];
  /** In the order of the calls; all of it where it takes again. */
  const takeLot = () => {
    do waiting.shift()?.();
    while (system.isTaking && waiting.length > 0);
  };
  const system = { isTaking: true, takeLot, taken: () => Buffer.concat(taken), socket: new Duplex() };
  const take = (bytes: Buffer, done: () => void) => {
    const finish = () => {
      taken.push(Buffer.from(bytes)); // not before it is told to: until then they must not change
      done();
    };
    if (system.isTaking && waiting.length === 0) finish();
    else waiting.push(finish);
  };
  system.socket = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _, done) => take(chunk, done),
    writev: (chunks, done) => take(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
  });
  return system;
}

function upgradeRequest(): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  request.headers = {
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  };
  return request;
}

/** A connection whose client takes everything; `system.isTaking = false` makes it slow. */
function open() {
  const system = createSystem();
  const closed: string[] = [];
  const shed = { count: 0 };
  const traffic = { receivedBytes: 0, sentBytes: 0, writes: 0 };
  const flushQueue = new FlushQueue();
  const connections: Connection[] = [];
  new WebSocketServer({ noServer: true }).handleUpgrade(upgradeRequest(), system.socket, Buffer.alloc(0), (ws) => {
    const options = {
      ...{ flushQueue, limits, scratch: new ScratchBuffers() },
      shed: () => void (shed.count += 1),
      ending: (reason: string) => void closed.push(reason),
      traffic,
    };
    connections.push(new Connection(ws, system.socket, options));
  });
  const [connection] = connections;
  if (connection === undefined) throw new Error('the upgrade was refused');
  const upgradeBytes = system.taken().length;
  const sent = () => system.taken().subarray(upgradeBytes);
  return { connection, system, closed, shed, traffic, sent, endTurn: () => flushQueue.flushAll() };
}

/** Distinct frames of 1 KiB. */
const frames = (count: number) => Array.from({ length: count }, (_, at) => Buffer.alloc(KIB, at % 251));
const nextTick = () => new Promise<void>((resolve) => process.nextTick(resolve));
/** Code of the close frame at the end of what was sent; undefined where there is none. */
function closeCodeIn(bytes: Buffer, behind: number): number | undefined {
  return bytes[behind] === 0x88 ? bytes.readUInt16BE(behind + 2) : undefined;
}

describe('the outbound queue', () => {
  it('collects the frames of a turn and writes them in their order', () => {
    const { connection, sent, endTurn } = open();
    const all = frames(3);
    for (const frame of all) connection.sendFramed(frame);
    expect(sent()).toHaveLength(0);
    endTurn();
    expect(sent()).toEqual(Buffer.concat(all));
  });

  it('takes more than its bound in one turn for a client that reads', () => {
    const { connection, closed, sent, endTurn } = open();
    const all = frames(1_300);
    for (const frame of all) connection.sendFramed(frame);
    endTurn();
    expect(closed).toEqual([]);
    expect(sent().equals(Buffer.concat(all))).toBe(true);
  });

  it('adds up what it has written, once a write', () => {
    const { connection, traffic, sent, endTurn } = open();
    for (const frame of frames(3)) connection.sendFramed(frame);
    endTurn();
    expect(traffic).toEqual({ receivedBytes: 0, sentBytes: sent().length, writes: 1 });
  });

  it('keeps the order over all the lots that a client is slow to take', async () => {
    const { connection, system, sent, endTurn } = open();
    const all = frames(300);
    system.isTaking = false;
    for (const frame of all) connection.sendFramed(frame);
    endTurn();
    system.isTaking = true;
    system.takeLot();
    for (let turn = 0; turn < 300 && sent().length < 300 * KIB; turn += 1) await nextTick();
    expect(sent().equals(Buffer.concat(all))).toBe(true);
    expect(connection.outboundBytes).toBe(0);
  });

  it('tells when a client has taken what waited for it', async () => {
    const { connection, system } = open();
    for (const frame of frames(10)) connection.sendFramed(frame);
    expect(connection.whenTaken(0)).toBeNull();
    system.isTaking = false;
    for (const frame of frames(300)) connection.sendFramed(frame);
    const taken = connection.whenTaken(100 * KIB);
    let isTold = false;
    void taken?.then(() => (isTold = true));
    await nextTick();
    expect(isTold).toBe(false);
    system.isTaking = true;
    system.takeLot();
    await taken;
    expect(connection.outboundBytes).toBeLessThanOrEqual(100 * KIB);
  });

  it('closes with 1013, once, a client that has taken nothing of as many bytes as may wait', async () => {
    const { connection, system, closed, sent } = open();
    system.isTaking = false;
    for (const frame of frames(1_024)) connection.sendFramed(frame);
    expect(closed).toEqual([]);
    for (const frame of frames(2)) connection.sendFramed(frame);
    expect(closed).toEqual(['OVERLOADED']);
    system.isTaking = true;
    system.takeLot();
    await nextTick();
    expect(closeCodeIn(sent(), 1_024 * KIB)).toBe(1013);
  });

  it('sheds what may be missed for a client that is slow, not for one that gets much in one turn', () => {
    const { connection, shed, system } = open();
    const [frame = Buffer.alloc(0)] = frames(1);
    for (const each of frames(256)) connection.sendFramed(each);
    expect(connection.sendSheddable(frame)).toBe(true);
    system.isTaking = false;
    for (const each of frames(256)) connection.sendFramed(each);
    expect(shed.count).toBe(0);
    expect(connection.sendSheddable(frame)).toBe(false);
    expect(shed.count).toBe(1);
  });
});

describe('a stalled client', () => {
  it('is one that takes nothing, not one that works off a backlog', async () => {
    const { connection, system, endTurn } = open();
    vi.setSystemTime(1_000);
    system.isTaking = false;
    for (const frame of frames(512)) connection.sendFramed(frame);
    endTurn();
    expect(connection.stalledSince).toBe(1_000);
    for (const now of [9_000, 17_000, 25_000]) {
      vi.setSystemTime(now);
      system.takeLot();
      await nextTick();
      expect(connection.stalledSince).toBe(now);
    }
    expect(connection.outboundBytes).toBeGreaterThan(0);
    system.isTaking = true;
    system.takeLot();
    for (let turn = 0; turn < 512 && connection.outboundBytes > 0; turn += 1) await nextTick();
    await nextTick();
    expect(connection.stalledSince).toBeNull();
  });
});

describe('closing', () => {
  it('sends what is queued first, then the close frame, and nothing behind it', () => {
    const { connection, closed, sent, endTurn } = open();
    const [frame = Buffer.alloc(0)] = frames(1);
    connection.sendFramed(frame);
    connection.close('RESTART');
    connection.close('NORMAL');
    connection.sendFramed(frame);
    endTurn();
    expect(closed).toEqual(['RESTART']);
    expect(closeCodeIn(sent(), KIB)).toBe(1012);
    expect(sent()).toHaveLength(KIB + 2 + Number(sent()[KIB + 1]));
  });

  it('leaves the client its time to answer, then cuts the socket', () => {
    const { connection, system } = open();
    connection.close('RESTART');
    vi.advanceTimersByTime(CLOSE_LINGER_MS - 1);
    expect(system.socket.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(system.socket.destroyed).toBe(true);
  });
});
