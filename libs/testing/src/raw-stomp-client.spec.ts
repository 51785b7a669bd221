import { createFrame, headerOf, serializeFrame, type StompFrame } from '@chat/stomp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { RawStompClient, type RawStompOptions } from './raw-stomp-client.ts';

const UTF8 = new TextDecoder();
const SOON = { timeoutMs: 100 };

/** What the server got, as text, with whether it was binary. */
interface Got {
  readonly text: string;
  readonly isBinary: boolean;
}

describe('RawStompClient', () => {
  let server: WebSocketServer;
  let peer: WebSocket;
  let client: RawStompClient;
  let got: Got[];

  async function connectClient(options: RawStompOptions = {}): Promise<void> {
    const connected = new Promise<WebSocket>((resolve) => server.once('connection', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    client = await RawStompClient.open(`ws://127.0.0.1:${port}`, options);
    peer = await connected;
    got = [];
    peer.on('message', (bytes: Buffer, isBinary: boolean) => got.push({ text: bytes.toString('utf8'), isBinary }));
  }

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((resolve) => server.once('listening', resolve));
    await connectClient({ subProtocols: ['v10.stomp', 'v12.stomp'] });
  });

  afterEach(async () => {
    client.cut();
    await new Promise((resolve) => server.close(resolve));
  });

  const reply = (frame: StompFrame) => peer.send(serializeFrame(frame, '1.2'), { binary: false });
  const receipt = (id: string) => createFrame('RECEIPT', { 'receipt-id': id });

  /** Everything sent before has arrived once this has. */
  async function flushed(): Promise<readonly Got[]> {
    const marker = 'all there is';
    const arrived = new Promise<void>((resolve) => {
      peer.on('message', (bytes: Buffer) => {
        if (bytes.toString('utf8') === marker) resolve();
      });
    });
    client.send(marker);
    await arrived;
    return got.slice(0, -1);
  }

  it('offers its sub-protocols and tells which one was taken', () => {
    expect(client.subProtocol).toBe('v10.stomp');
  });

  it('rejects when nobody answers the upgrade', async () => {
    await expect(RawStompClient.open('ws://127.0.0.1:1', SOON)).rejects.toThrow();
  });

  it('sends literal bytes as text and as binary messages', async () => {
    client.send('BROKEN\0');
    client.send(Uint8Array.of(0x41), { isBinary: true });
    expect(await flushed()).toEqual([
      { text: 'BROKEN\0', isBinary: false },
      { text: 'A', isBinary: true },
    ]);
  });

  it('sends a frame in several WebSocket messages', async () => {
    client.sendFrame(createFrame('SEND', { a: 'b:c' }, 'x'), '1.1', { cutAt: [3, 8] });
    expect((await flushed()).map(({ text }) => text)).toEqual(['SEN', 'D\na:b', '\\cc\ncontent-length:1\n\nx\0']);
  });

  it('reads frames in the version that CONNECTED names, from parts and several in a message', async () => {
    const connected = serializeFrame(createFrame('CONNECTED', { version: '1.1' }), '1.1');
    const message = serializeFrame(createFrame('MESSAGE', { a: 'b:c' }, 'é'), '1.1');
    peer.once('message', () => {
      peer.send(connected.subarray(0, 5), { binary: false });
      peer.send(Buffer.concat([connected.subarray(5), Buffer.from('\n'), message]), { binary: true });
    });
    expect(await client.connect({ login: '1' })).toMatchObject({ command: 'CONNECTED' });
    const frame = await client.nextFrame();
    expect(headerOf(frame, 'a')).toBe('b:c');
    expect(UTF8.decode(frame.body)).toBe('é');
    expect(client.frames.map(({ command }) => command)).toEqual(['CONNECTED', 'MESSAGE']);
    expect([client.heartBeatCount, client.binaryMessageCount]).toEqual([1, 1]);
    expect(got[0]?.text).toBe('CONNECT\naccept-version:1.0,1.1,1.2\nhost:chat\nlogin:1\n\n\0');
  });

  it('takes the first frame that fits and leaves the others for later', async () => {
    for (const id of ['1', '2', '3']) reply(receipt(id));
    expect(headerOf(await client.nextFrame((frame) => headerOf(frame, 'receipt-id') === '2'), 'receipt-id')).toBe('2');
    expect(headerOf(await client.nextFrame('RECEIPT'), 'receipt-id')).toBe('1');
    expect(headerOf(await client.nextFrame(), 'receipt-id')).toBe('3');
  });

  it('wakes a wait that began before the frame came', async () => {
    const waits = [client.nextFrame('MESSAGE'), client.nextFrame('RECEIPT')];
    reply(receipt('1'));
    reply(createFrame('MESSAGE', {}, 'x'));
    expect((await Promise.all(waits)).map(({ command }) => command)).toEqual(['MESSAGE', 'RECEIPT']);
  });

  it('says past the deadline which frames came instead', async () => {
    reply(createFrame('ERROR', { message: 'no' }, 'because'));
    const waiting = client.nextFrame('RECEIPT', SOON);
    await expect(waiting).rejects.toThrow(
      'No RECEIPT came within 100 ms. Instead there came:\n  ERROR message:no content-length:7 "because"',
    );
    await expect(client.nextFrame((frame) => frame.command === 'MESSAGE', SOON)).rejects.toThrow(
      'waited for came within',
    );
    expect(await client.nextFrame('ERROR')).toMatchObject({ command: 'ERROR' });
    await expect(client.nextFrame('ERROR', SOON)).rejects.toThrow('No other frame came.');
  });

  it('leaves a frame that comes after a deadline to the next wait', async () => {
    await expect(client.nextFrame('RECEIPT', SOON)).rejects.toThrow('within 100 ms');
    reply(receipt('1'));
    expect(await client.nextFrame('RECEIPT')).toMatchObject({ command: 'RECEIPT' });
  });

  it('stops waiting for a frame when the connection closes, and tells the code', async () => {
    const waiting = client.nextFrame('RECEIPT');
    peer.close(1008, 'bad token');
    await expect(waiting).rejects.toThrow('No RECEIPT came before the connection closed with 1008 (bad token).');
    expect(await client.closed()).toEqual({ code: 1008, reason: 'bad token' });
    expect(client.closure).toEqual({ code: 1008, reason: 'bad token' });
  });

  it('says past the deadline that the connection was not closed', async () => {
    await expect(client.closed(SOON)).rejects.toThrow('No close of the connection came within 100 ms.');
  });

  it('tells of bytes that are no frame', async () => {
    peer.send('FOO\n\n\0');
    await expect(client.nextFrame()).rejects.toMatchObject({ cause: { code: 'UNKNOWN_COMMAND' } });
  });

  it('cuts the socket without a close frame', async () => {
    const ended = new Promise((resolve) => peer.once('close', resolve));
    client.cut();
    expect(await ended).toBe(1006);
    expect(await client.closed()).toMatchObject({ code: 1006 });
  });
});
