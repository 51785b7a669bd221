import { Parser } from '@stomp/stompjs';
import type { ConnectionLoss, ObservedFrame, WebSocketConstructor } from '../api.ts';
import { ChatClientError, clientError } from '../error.ts';
import { readFrame, serializeFrame, type TextFrame } from './frame-text.ts';
import { withoutToken } from './observed-frame.ts';

type Headers = Readonly<Record<string, string>>;

/** A MESSAGE. */
export interface IncomingMessage {
  readonly headers: Headers;
  readonly body: string;
}

export interface SessionEvents {
  readonly connected: (headers: Headers) => void;
  readonly receipt: (receiptId: string, headers: Headers) => void;
  readonly message: (message: IncomingMessage) => void;
  /** By whatever reason but `drop` and `disconnect`; nothing comes behind it. */
  readonly lost: (loss: ConnectionLoss) => void;
}

/** One STOMP session on one WebSocket. What is sent after its end is lost without a word. */
export interface StompSession {
  send(destination: string, headers: Headers, body: string): void;
  subscribe(destination: string, headers: Headers & { readonly id: string }): void;
  unsubscribe(id: string): void;
  /** Says DISCONNECT, which the gateway answers and closes; resolves at the deadline at the latest. */
  disconnect(deadlineMs: number): Promise<void>;
  /** Lets go of the socket; nothing is heard of it any more. */
  drop(): void;
}

export interface SessionTarget {
  readonly url: string;
  readonly token: string;
  readonly appVersion: string | undefined;
}

export interface SessionOptions {
  readonly WebSocket: WebSocketConstructor;
  readonly heartBeatMs: number;
  readonly onFrame?: ((frame: ObservedFrame) => void) | undefined;
}

/** What every platform's WebSocket has, that of `ws` included. */
interface Socket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: string | ArrayBuffer }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  onerror: (() => void) | null;
  send(data: string): void;
  close(): void;
}

/** Silence for so many intervals of the gateway's heart-beats is a lost connection. */
const SILENT_INTERVALS = 2;

/**
 * Opens a session of STOMP 1.2 with the parser of the stock client. It promises no heart-beats of its own, since timers of a tab
 * in the background are throttled; pings of the WebSocket are answered by the platform.
 */
export function openStompSession(
  { url, token, appVersion }: SessionTarget,
  events: SessionEvents,
  { WebSocket, heartBeatMs, onFrame }: SessionOptions,
): StompSession {
  const socket = new WebSocket(url, ['v12.stomp']) as Socket;
  let error: ChatClientError | null = null;
  let isOver = false;
  let heardAt = Date.now();
  let watch: ReturnType<typeof setInterval> | undefined;
  let closed = () => {};

  const show = (direction: 'in' | 'out', command: string, headers: Headers, body: string) =>
    onFrame?.({ direction, ...withoutToken(command, headers, body), at: Date.now(), gatewayUrl: url });
  const transmit = (command: string, headers: Headers, body = '') => {
    if (isOver) return;
    socket.send(serializeFrame({ command, headers, body }));
    show('out', command, headers, body);
  };
  const end = () => {
    isOver = true;
    clearInterval(watch);
    socket.close();
  };
  const lost = (code: number) => {
    if (isOver) return;
    end();
    events.lost({ code, error });
  };
  const listenForHeartBeats = (promised: string) => {
    const intervalMs = Number(promised.split(',')[0]);
    if (!(intervalMs > 0)) return;
    const everyMs = Math.max(heartBeatMs, intervalMs);
    watch = setInterval(() => {
      if (Date.now() - heardAt <= everyMs * SILENT_INTERVALS) return;
      error = clientError('CONNECTION_LOST', { message: 'The gateway is silent.' });
      lost(1006);
    }, everyMs);
  };
  const take = ({ command, headers, body }: TextFrame) => {
    show('in', command, headers, body);
    if (isOver) return;
    if (command === 'MESSAGE') events.message({ headers, body });
    else if (command === 'RECEIPT') events.receipt(headers['receipt-id'] ?? '', headers);
    else if (command === 'ERROR') error = errorOf(headers, body);
    else if (command === 'CONNECTED') {
      listenForHeartBeats(headers['heart-beat'] ?? '');
      events.connected(headers);
    }
  };
  const parser = new Parser(
    (frame) => take(readFrame(frame)),
    () => show('in', 'HEART-BEAT', {}, ''),
  );

  socket.binaryType = 'arraybuffer';
  socket.onopen = () =>
    transmit('CONNECT', {
      'accept-version': '1.2',
      'heart-beat': `0,${heartBeatMs}`,
      Authorization: `Bearer ${token}`,
      ...(appVersion !== undefined && { 'app-version': appVersion }),
    });
  socket.onmessage = ({ data }) => {
    heardAt = Date.now();
    parser.parseChunk(data);
  };
  socket.onerror = () => {}; // the close that follows says what there is to say
  socket.onclose = ({ code }) => {
    closed();
    lost(code);
  };
  return {
    send: (destination, headers, body) => transmit('SEND', { destination, ...headers }, body),
    subscribe: (destination, headers) => transmit('SUBSCRIBE', { destination, ...headers }),
    unsubscribe: (id) => transmit('UNSUBSCRIBE', { id }),
    disconnect: (deadlineMs) =>
      new Promise((resolve) => {
        transmit('DISCONNECT', { receipt: 'bye' });
        isOver = true;
        clearInterval(watch);
        const timer = setTimeout(() => closed(), deadlineMs);
        closed = () => {
          clearTimeout(timer);
          socket.close();
          resolve();
        };
      }),
    drop: end,
  };
}

function errorOf({ code = 'UNKNOWN', message = '' }: Headers, body: string): ChatClientError {
  return new ChatClientError({ code, message: message === '' ? body : message, retryable: false });
}
