import type { ErrorDTO } from '@chat/dto';
import type { OpenSession } from '../connection/keep-connection.ts';
import type { SessionEvents, SessionTarget } from './stomp-session.ts';

/** A frame that the SDK sent. */
export interface SentFrame {
  readonly command: 'SEND' | 'SUBSCRIBE' | 'UNSUBSCRIBE';
  readonly destination: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One session whose other side a spec plays. */
export class ScriptedSession {
  readonly target: SessionTarget;
  readonly frames: SentFrame[] = [];
  isDropped = false;
  hasDisconnected = false;
  readonly #events: SessionEvents;

  constructor(target: SessionTarget, events: SessionEvents) {
    this.target = target;
    this.#events = events;
  }

  connected(): void {
    this.#events.connected({ session: 'session-1', 'user-name': '1' });
  }

  lose(code = 1006): void {
    this.#events.lost({ code, error: null });
  }

  /** The newest frame to a destination. */
  sentTo(destination: string): SentFrame {
    const frame = this.frames.findLast((one) => one.destination === destination);
    if (frame === undefined) throw new Error(`nothing was sent to ${destination}`);
    return frame;
  }

  countOf(destination: string): number {
    return this.frames.filter((one) => one.destination === destination).length;
  }

  /** RECEIPT of the newest frame to a destination. */
  receipt(destination: string, headers: Readonly<Record<string, string>> = {}): void {
    this.#events.receipt(this.sentTo(destination).headers['receipt'] ?? '', headers);
  }

  /** A MESSAGE on the newest subscription to a destination. */
  message(destination: string, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    const subscription = this.frames.findLast((one) => one.command === 'SUBSCRIBE' && one.destination === destination);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.#events.message({ headers: { subscription: subscription?.headers['id'] ?? '', ...headers }, body: text });
  }

  /** A refusal on the error queue, of the newest frame to a destination where it names none. */
  refuse(destination: string, code: string, more: Partial<ErrorDTO> = {}): void {
    const { receipt } = this.sentTo(destination).headers;
    const named = receipt !== undefined && { receiptId: receipt };
    this.message('/user/queue/errors', { code, message: `it is ${code}`, retryable: false, ...named, ...more });
  }

  drop(): void {
    this.isDropped = true;
  }
}

/** Sessions of a spec, newest last, and what opens them. */
export function scriptedSessions(): { readonly all: ScriptedSession[]; readonly open: OpenSession } {
  const all: ScriptedSession[] = [];
  const open: OpenSession = (target, events) => {
    const session = new ScriptedSession(target, events);
    all.push(session);
    return {
      send: (destination, headers, body) => void session.frames.push({ command: 'SEND', destination, headers, body }),
      subscribe: (destination, headers) =>
        void session.frames.push({ command: 'SUBSCRIBE', destination, headers, body: '' }),
      unsubscribe: (id) => {
        const of = session.frames.find(({ headers }) => headers['id'] === id);
        session.frames.push({ command: 'UNSUBSCRIBE', destination: of?.destination ?? '', headers: { id }, body: '' });
      },
      disconnect: () => {
        session.hasDisconnected = true;
        return Promise.resolve();
      },
      drop: () => session.drop(),
    };
  };
  return { all, open };
}
