import { createFrame, FrameParser, HEART_BEAT, serializeFrame } from '@chat/stomp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChatConnection } from './chat-connection.ts';

/** What the connection uses of a WebSocket; the spec plays the server. */
class FakeSocket {
  static readonly OPEN = 1;
  readonly readyState = FakeSocket.OPEN;
  readonly sent: { command: string; headers: ReadonlyMap<string, string> }[] = [];
  onopen = () => {};
  onclose = (_: { code: number; reason: string }) => {};
  onmessage = (_: { data: unknown }) => {};

  constructor() {
    opened.push(this);
  }

  send(bytes: Uint8Array): void {
    const parser = new FrameParser();
    parser.push(bytes);
    const frame = parser.next();
    if (frame !== null && frame !== HEART_BEAT)
      this.sent.push({ command: frame.command, headers: new Map(frame.headers) });
  }

  close(): void {}

  answer(command: string, headers: Record<string, string>, body?: string): void {
    this.onmessage({ data: Buffer.from(serializeFrame(createFrame(command, headers, body), '1.2')).toString('utf8') });
  }
}

const opened: FakeSocket[] = [];
let socket: FakeSocket;
let said: string[];
let connection: ChatConnection;

beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeSocket);
  said = [];
  const events = {
    onLive: () => said.push('live'),
    onMessage: ({ content }: { content: string }) => said.push(content),
    onError: (text: string) => said.push(`! ${text}`),
    onClosed: () => said.push('closed'),
  };
  connection = new ChatConnection({ url: 'ws://x/ws', token: 't', roomId: 1, events });
  const [made] = opened.splice(0);
  if (made === undefined) throw new Error('no socket was opened');
  socket = made;
  socket.onopen();
});
afterEach(() => vi.unstubAllGlobals());

const receiptsOfSends = () =>
  socket.sent.filter(({ command }) => command === 'SEND').map(({ headers }) => headers.get('receipt') ?? '');

describe('a line that was sent', () => {
  it('is settled by its RECEIPT, and all are when each has one', async () => {
    connection.send('one');
    connection.send('two');
    let isSettled = false;
    const settled = connection.settled().then(() => (isSettled = true));
    const [first = '', second = ''] = receiptsOfSends();
    expect(first).not.toBe(second);
    socket.answer('RECEIPT', { 'receipt-id': second });
    await Promise.resolve();
    expect(isSettled).toBe(false);
    socket.answer('RECEIPT', { 'receipt-id': first });
    await settled;
    expect(said).toEqual([]);
  });

  it('is settled by a refusal too', async () => {
    connection.send('one');
    const [receipt = ''] = receiptsOfSends();
    const body = JSON.stringify({ message: 'The room is archived.', receiptId: receipt });
    socket.answer('MESSAGE', { subscription: 'errors' }, body);
    await connection.settled();
    expect(said).toEqual(['! The room is archived.']);
  });
});

describe('the room', () => {
  it('is live by the RECEIPT of its subscription alone; then nothing is left to settle', async () => {
    socket.answer('RECEIPT', { 'receipt-id': 'live' });
    await connection.settled();
    expect(said).toEqual(['live']);
  });
});
