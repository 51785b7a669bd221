import { Client, Versions, type IFrame, type IStompSocket } from '@stomp/stompjs';
import type { ConnectionLoss, ObservedFrame, WebSocketConstructor } from '../api.ts';
import { ChatClientError } from '../error.ts';
import { observeFrames } from './observe-frames.ts';

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
  /** Says DISCONNECT, waits for its RECEIPT, and closes; resolves at the deadline at the latest. */
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

/** Nothing is to come back by itself: the state machine of the connection decides that. */
const NEVER_MS = 0;

/**
 * Opens a session with the stock client. It promises no heart-beats of its own, since timers of a tab in the background are
 * throttled; pings of the WebSocket are answered by the platform.
 */
export function openStompSession(
  { url, token, appVersion }: SessionTarget,
  events: SessionEvents,
  { WebSocket, heartBeatMs, onFrame }: SessionOptions,
): StompSession {
  const versions = new Versions([Versions.V1_2]);
  const socket = new WebSocket(url, versions.protocolVersions()) as IStompSocket; // each platform's has what stompjs needs
  if (onFrame !== undefined) observeFrames(socket, url, onFrame);
  let error: ChatClientError | null = null;
  let isOver = false;
  const unlessOver =
    <Args extends unknown[]>(act: (...args: Args) => void) =>
    (...args: Args) => {
      if (!isOver) act(...args);
    };
  const client = new Client({
    webSocketFactory: () => socket,
    stompVersions: versions,
    connectHeaders: {
      Authorization: `Bearer ${token}`,
      ...(appVersion !== undefined && { 'app-version': appVersion }),
    },
    reconnectDelay: NEVER_MS,
    heartbeatOutgoing: 0,
    heartbeatIncoming: heartBeatMs,
    discardWebsocketOnCommFailure: true,
    onConnect: unlessOver(({ headers }: IFrame) => events.connected(headers)),
    onUnhandledReceipt: unlessOver(({ headers }: IFrame) => events.receipt(headers['receipt-id'] ?? '', headers)),
    onStompError: (frame) => void (error = errorOf(frame)),
    onWebSocketClose: unlessOver(({ code, reason }: { code?: number; reason?: string }) => {
      isOver = true;
      // the code that stompjs makes up for a socket that it gave up is one of the service's own
      const isMadeUp = reason?.startsWith('Quick discarding') === true;
      events.lost({ code: isMadeUp ? 1006 : (code ?? 1006), error });
    }),
  });
  const end = () => {
    isOver = true;
    void client.deactivate({ force: true });
  };
  client.activate();
  return {
    send: unlessOver((destination, headers, body) => client.publish({ destination, headers, body })),
    subscribe: unlessOver((destination, headers) => {
      client.subscribe(destination, unlessOver(events.message), headers);
    }),
    unsubscribe: unlessOver((id) => client.unsubscribe(id)),
    disconnect: async (deadlineMs) => {
      isOver = true;
      const timer = setTimeout(end, deadlineMs);
      await client.deactivate();
      clearTimeout(timer);
    },
    drop: end,
  };
}

function errorOf({ headers, body }: IFrame): ChatClientError {
  return new ChatClientError({
    code: headers['code'] ?? 'UNKNOWN',
    message: headers['message'] ?? body,
    retryable: false,
  });
}
