import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionLoss, ObservedFrame } from '../api.ts';
import { openStompSession } from './stomp-session.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The WebSocket of a platform whose other side the spec plays. */
class ScriptedSocket {
  static last: ScriptedSocket;
  readonly url: string;
  readonly protocols: readonly string[];
  readonly sent: string[] = [];
  isClosed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
    ScriptedSocket.last = this;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }
}

function scene() {
  const heard: unknown[] = [];
  const losses: ConnectionLoss[] = [];
  const frames: ObservedFrame[] = [];
  const session = openStompSession(
    { url: 'ws://one/ws', token: 'secret', appVersion: '2.4.1' },
    {
      connected: (headers) => heard.push(['CONNECTED', headers['session']]),
      receipt: (id) => heard.push(['RECEIPT', id]),
      message: ({ headers, body }) => heard.push(['MESSAGE', headers['destination'], body]),
      lost: (loss) => losses.push(loss),
    },
    { WebSocket: ScriptedSocket, heartBeatMs: 10_000, onFrame: (frame) => frames.push(frame) },
  );
  const socket = ScriptedSocket.last;
  const hear = (data: string) => socket.onmessage?.({ data });
  const connect = () => {
    socket.onopen?.();
    hear('CONNECTED\nversion:1.2\nheart-beat:10000,10000\nsession:s1\n\n\u0000');
  };
  return { session, socket, hear, connect, heard, losses, frames };
}

describe('a session', () => {
  it('speaks STOMP 1.2 and promises no heart-beats', () => {
    const { socket, connect, heard } = scene();
    expect([socket.url, socket.protocols]).toEqual(['ws://one/ws', ['v12.stomp']]);
    connect();
    expect(socket.sent).toEqual([
      'CONNECT\naccept-version:1.2\nheart-beat:0,10000\nAuthorization:Bearer secret\napp-version:2.4.1\n\n\u0000',
    ]);
    expect(heard).toEqual([['CONNECTED', 's1']]);
  });

  it('sends and receives frames, in however many pieces', () => {
    const { session, socket, hear, connect, heard } = scene();
    connect();
    session.subscribe('/topic/a', { id: 's-1', receipt: 'r:1' });
    session.send('/app/b', { receipt: 'r-2' }, 'é');
    session.unsubscribe('s-1');
    expect(socket.sent.slice(1)).toEqual([
      'SUBSCRIBE\ndestination:/topic/a\nid:s-1\nreceipt:r\\c1\n\n\u0000',
      'SEND\ndestination:/app/b\nreceipt:r-2\ncontent-length:2\n\né\u0000',
      'UNSUBSCRIBE\nid:s-1\n\n\u0000',
    ]);
    hear('\nRECEIPT\nreceipt-id:r\\c1\n\n\u0000MESSAGE\ndestination:/topic/a\nsubscri');
    hear('ption:s-1\ncontent-length:2\n\né\u0000');
    expect(heard.slice(1)).toEqual([
      ['RECEIPT', 'r:1'],
      ['MESSAGE', '/topic/a', 'é'],
    ]);
  });

  it('is lost with the code of the close and what ERROR said before it', () => {
    const { socket, hear, connect, losses, session } = scene();
    connect();
    hear('ERROR\ncode:TOKEN_EXPIRED\nmessage:The token has expired.\n\n\u0000');
    socket.onclose?.({ code: 4001 });
    expect(losses).toMatchObject([{ code: 4001, error: { code: 'TOKEN_EXPIRED', message: 'The token has expired.' } }]);
    session.send('/app/b', {}, '');
    expect(socket.sent).toHaveLength(1);
  });

  it('is lost where the gateway is silent for two intervals, and not before', () => {
    const { socket, hear, connect, losses } = scene();
    connect();
    vi.advanceTimersByTime(20_000);
    hear('\n');
    vi.advanceTimersByTime(20_000);
    expect(losses).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(losses).toMatchObject([{ code: 1006, error: { code: 'CONNECTION_LOST' } }]);
    expect(socket.isClosed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says nothing more once it is dropped', () => {
    const { session, socket, hear, connect, heard, losses } = scene();
    connect();
    session.drop();
    hear('RECEIPT\nreceipt-id:1\n\n\u0000');
    socket.onclose?.({ code: 1006 });
    expect([socket.isClosed, heard.length, losses, vi.getTimerCount()]).toEqual([true, 1, [], 0]);
  });

  it('says DISCONNECT and waits for the close, but not for ever', async () => {
    const first = scene();
    first.connect();
    const gone = first.session.disconnect(2_000);
    expect(first.socket.sent.at(-1)).toBe('DISCONNECT\nreceipt:bye\n\n\u0000');
    first.socket.onclose?.({ code: 1000 });
    await gone;
    const second = scene();
    second.connect();
    const late = second.session.disconnect(2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    await late;
    expect([second.socket.isClosed, first.losses, second.losses]).toEqual([true, [], []]);
  });

  it('shows its frames, but never the token', () => {
    const { session, hear, connect, frames } = scene();
    connect();
    session.send('/app/auth.refresh', { receipt: 'r-1' }, '{"token":"secret"}');
    hear('\n');
    expect(frames.map(({ direction, command }) => `${direction} ${command}`)).toEqual([
      'out CONNECT',
      'in CONNECTED',
      'out SEND',
      'in HEART-BEAT',
    ]);
    expect(frames[2]).toMatchObject({ body: '[hidden]', headers: { receipt: 'r-1' }, gatewayUrl: 'ws://one/ws' });
    expect(JSON.stringify(frames)).not.toContain('secret');
  });
});
