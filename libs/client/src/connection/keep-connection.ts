import type { ChatClientOptions, ConnectionState, WebSocketConstructor } from '../api.ts';
import { clientError, type ChatClientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';
import { Exchange, type Headers } from '../session/exchange.ts';
import {
  openStompSession,
  type IncomingMessage,
  type SessionEvents,
  type SessionTarget,
  type StompSession,
} from '../session/stomp-session.ts';
import { createCell, type CallListener, type Cell } from '../store.ts';
import { refreshDelayMs } from './token-claims.ts';
import type { TokenKeeper } from './token-keeper.ts';
import { NOT_STARTED, transition, type Connection, type ConnectionEffect, type ConnectionEvent } from './transition.ts';

const REFRESH_DESTINATION = '/app/auth.refresh';
/** Pause after a renewal of the token that failed, in ms. */
const REFRESH_AGAIN_MS = 5_000;
/** Longest wait for the RECEIPT of DISCONNECT, in ms. */
const DISCONNECT_DEADLINE_MS = 2_000;

export type OpenSession = (target: SessionTarget, events: SessionEvents) => StompSession;

/** What hangs on the connection. */
export interface ConnectionUser {
  /** A session is there. */
  readonly up?: (exchange: Exchange) => void;
  readonly message?: (message: IncomingMessage) => void;
  /** It is gone; what was pending on it was rejected before. */
  readonly down?: () => void;
  /** There will be no other one by itself. */
  readonly closed?: (error: ChatClientError) => void;
}

export interface KeepConnectionOptions {
  readonly client: ChatClientOptions;
  readonly gatewayUrls: readonly string[];
  readonly limits: ChatLimits;
  readonly tokens: TokenKeeper;
  readonly call: CallListener;
  readonly report: (error: ChatClientError) => void;
  readonly openSession?: OpenSession;
}

/** Does what the state machine of the connection says, with sockets, tokens and timers. */
export class KeepConnection {
  readonly state: Cell<ConnectionState>;
  readonly #options: KeepConnectionOptions;
  readonly #openSession: OpenSession;
  /** Node 20 has none. */
  readonly #WebSocket: WebSocketConstructor | undefined;
  readonly #users: ConnectionUser[] = [];
  #connection: Connection = NOT_STARTED;
  #session: StompSession | null = null;
  #exchange: Exchange | null = null;
  #connected: Extract<ConnectionState, { name: 'connected' }> | null = null;
  #token = '';
  /** Of the last try, where it came to nothing. */
  #error: ChatClientError | null = null;
  /** Of the pause, or of the try to connect. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #stopWatching: (() => void) | null = null;
  #ending: Promise<void> = Promise.resolve();

  constructor(options: KeepConnectionOptions) {
    const { client, limits } = options;
    this.#options = options;
    this.state = createCell<ConnectionState>({ name: 'offline', reason: 'not-started' }, options);
    const { onFrame, WebSocket = globalThis.WebSocket } = client;
    this.#WebSocket = WebSocket;
    this.#openSession =
      options.openSession ??
      ((target, events) =>
        openStompSession(target, events, {
          WebSocket,
          heartBeatMs: limits.heartBeatMs,
          onFrame: onFrame && ((frame) => options.call(() => onFrame(frame))),
        }));
  }

  /** The session of now. */
  get exchange(): Exchange | null {
    return this.#exchange;
  }

  use(user: ConnectionUser): void {
    this.#users.push(user);
  }

  connect(): void {
    const { gatewayUrls } = this.#options;
    for (const url of gatewayUrls) new URL(url, globalThis.location?.href); // throws where it is none
    if (gatewayUrls.length === 0 || this.#WebSocket === undefined)
      throw new TypeError('There is no gatewayUrl or no WebSocket.');
    this.#stopWatching ??= watchNetwork((isThere) => this.#apply({ is: 'network', isThere }));
    this.#apply({ is: 'connect' });
  }

  pause(): void {
    this.#apply({ is: 'pause' });
  }

  async close(): Promise<void> {
    this.#stopWatching?.();
    this.#stopWatching = null;
    this.#apply({ is: 'close' });
    await this.#ending;
  }

  /** Another session, since this one does not do what it should. */
  lose(error: ChatClientError): void {
    this.#session?.drop();
    this.#lost(1006, error);
  }

  #apply(event: ConnectionEvent): void {
    const { limits, gatewayUrls } = this.#options;
    const around = { now: Date.now(), random: Math.random, gatewayCount: gatewayUrls.length, limits };
    const [next, effects] = transition(this.#connection, event, around);
    const before = this.#connection;
    this.#connection = next;
    for (const effect of effects) this.#perform(effect);
    this.state.set(this.#publicState());
    if (next.phase.name === 'closed' && before.phase.name !== 'closed') {
      const error = next.phase.error ?? clientError(next.phase.reason === 'client' ? 'CLOSED' : 'SESSION_ENDED');
      for (const user of this.#users) user.closed?.(error);
    }
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect.do) {
      case 'get-token':
        return void this.#getToken(effect.reason);
      case 'open':
        return this.#open(effect.gateway);
      case 'wait':
        return this.#startTimer(effect.ms, () => this.#apply({ is: 'waited' }));
      case 'hang-up':
        return this.#hangUp();
    }
  }

  async #getToken(reason: 'connect' | 'expiring' | 'refused'): Promise<void> {
    const { tokens } = this.#options;
    try {
      const token = await (reason === 'connect' ? tokens.current() : tokens.renew(reason));
      this.#token = token ?? '';
      this.#apply({ is: token === null ? 'no-token' : 'token-given' });
    } catch (cause) {
      const error = cause as ChatClientError; // all that the keeper throws
      this.#options.report(error);
      this.#error = error;
      this.#apply({ is: 'token-failed' });
    }
  }

  #open(gateway: number): void {
    const { client, gatewayUrls, limits } = this.#options;
    const url = gatewayUrls[gateway] ?? '';
    this.#startTimer(limits.connectDeadlineMs, () => {
      const message = `${url} did not answer within ${limits.connectDeadlineMs} ms.`;
      this.lose(clientError('TIMEOUT', { message }));
    });
    try {
      this.#session = this.#openSession(
        { url, token: this.#token, appVersion: client.appVersion },
        {
          connected: (headers) => this.#up(url, headers),
          receipt: (id, headers) => this.#exchange?.answered(id, headers),
          message: (message) => this.#users.forEach((user) => user.message?.(message)),
          lost: ({ code, error }) => this.#lost(code, error),
        },
      );
    } catch (cause) {
      this.#lost(1006, clientError('NOT_CONNECTED', { cause }));
    }
  }

  #up(gatewayUrl: string, headers: Headers): void {
    const session = this.#session;
    if (session === null) return;
    clearTimeout(this.#timer);
    this.#error = null;
    const { answerDeadlineMs } = this.#options.limits;
    const exchange = new Exchange({ session, answerDeadlineMs, unanswered: (error) => this.lose(error) });
    this.#exchange = exchange;
    this.#connected = {
      name: 'connected',
      gatewayUrl,
      sessionId: headers['session'] ?? '',
      userId: Number(headers['user-name']),
    };
    this.#planRefresh();
    for (const user of this.#users) user.up?.(exchange);
    this.#apply({ is: 'connected' });
  }

  #lost(code: number, error: ChatClientError | null): void {
    const message = `${this.#options.gatewayUrls[this.#connection.gateway]} cannot be reached (${code}).`;
    if (this.#exchange === null) this.#error = error ?? clientError('NOT_CONNECTED', { message });
    this.#forget();
    this.#apply({ is: 'lost', loss: { code, error } });
  }

  #hangUp(): void {
    const session = this.#session;
    const isUp = this.#exchange !== null && this.#connection.hasNetwork;
    this.#forget();
    if (session === null) return;
    if (isUp) this.#ending = session.disconnect(DISCONNECT_DEADLINE_MS);
    else session.drop();
  }

  /** Nothing of the session counts any more. */
  #forget(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#refreshTimer);
    const exchange = this.#exchange;
    this.#session = null;
    this.#exchange = null;
    this.#connected = null;
    if (exchange === null) return;
    exchange.end();
    for (const user of this.#users) user.down?.();
  }

  #startTimer(ms: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
  }

  #planRefresh(afterMs?: number): void {
    const { tokens, limits } = this.#options;
    const claims = tokens.claims;
    const delayMs =
      afterMs ?? (claims === null ? null : refreshDelayMs(claims, Date.now(), limits.tokenRefreshAheadMs));
    clearTimeout(this.#refreshTimer);
    if (delayMs !== null) this.#refreshTimer = setTimeout(() => void this.#refresh(), delayMs);
  }

  /** A new token for the open session. Where that fails until the old one expires, the gateway closes with 4001. */
  async #refresh(): Promise<void> {
    const exchange = this.#exchange;
    if (exchange === null) return;
    try {
      const token = await this.#options.tokens.renew('expiring');
      if (token === null || exchange !== this.#exchange) return;
      await exchange.send(REFRESH_DESTINATION, { 'content-type': 'application/json' }, JSON.stringify({ token }));
      if (exchange === this.#exchange) this.#planRefresh();
    } catch (error) {
      if (exchange !== this.#exchange) return;
      this.#options.report(error as ChatClientError); // all that the two throw
      this.#planRefresh(REFRESH_AGAIN_MS);
    }
  }

  #publicState(): ConnectionState {
    const { phase, attempt, loss } = this.#connection;
    if (phase.name === 'offline' || phase.name === 'closed') return phase;
    if (this.#connected !== null) return this.#connected;
    const retryAt = phase.name === 'waiting' ? phase.until : null;
    const trying = { attempt, retryAt, error: this.#error };
    return loss === null ? { name: 'connecting', ...trying } : { name: 'recovering', ...trying, loss };
  }
}

/** Tells of `online` and `offline` of a browser; elsewhere the network counts as there. */
function watchNetwork(changed: (isThere: boolean) => void): () => void {
  if (typeof addEventListener !== 'function' || typeof navigator === 'undefined') return () => {};
  const names = ['online', 'offline'];
  const tell = () => changed(navigator.onLine !== false);
  for (const name of names) addEventListener(name, tell);
  tell(); // what it was when it was last watched is of then
  return () => names.forEach((name) => removeEventListener(name, tell));
}
