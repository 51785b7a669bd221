import type { ErrorDTO } from '@chat/dto';
import type { KeepConnection } from '../connection/keep-connection.ts';
import { retryMs } from '../connection/backoff.ts';
import { ChatClientError, clientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';
import type { Stop } from '../store.ts';
import type { Exchange, Headers } from './exchange.ts';
import type { IncomingMessage } from './stomp-session.ts';

const ERROR_QUEUE = '/user/queue/errors';

/** A subscription that is wanted whether or not there is a session. */
export interface WantedSubscription {
  readonly destination: string;
  /** Of each SUBSCRIBE anew. */
  readonly headers?: () => Headers;
  readonly message: (message: IncomingMessage) => void;
  /** Its RECEIPT: nothing is missed from here on. */
  readonly live?: (receipt: Headers) => void;
  /** It is live no more, and comes back by itself. */
  readonly lost?: () => void;
  /** It is asked for anew in the next session, and by `askAgain`. */
  readonly refused?: (error: ChatClientError) => void;
}

interface Entry {
  readonly wanted: WantedSubscription;
  /** Of the session of now; null where it has none there. */
  id: string | null;
  state: 'idle' | 'asking' | 'live' | 'refused';
  refusalCount: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export interface SubscriptionsOptions {
  readonly connection: KeepConnection;
  readonly limits: ChatLimits;
  /** Of the error queue: what no frame that awaits an answer is named by. */
  readonly report: (error: ChatClientError) => void;
}

/** All subscriptions, made anew in each session: the error queue first, so that a refusal costs no session. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #entries = new Set<Entry>();
  readonly #byId = new Map<string, Entry>();
  #count = 0;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    this.add({ destination: ERROR_QUEUE, message: ({ body }) => this.#refused(JSON.parse(body) as ErrorDTO) }); // its contract
    options.connection.use({
      up: () => this.#entries.forEach((entry) => this.#subscribe(entry)),
      message: (message) => this.#take(message),
      down: () => this.#down(),
    });
  }

  add(wanted: WantedSubscription): Stop {
    const entry: Entry = { wanted, id: null, state: 'idle', refusalCount: 0, timer: undefined };
    this.#entries.add(entry);
    this.#subscribe(entry);
    return () => this.#remove(entry);
  }

  /** What was refused may be allowed by now, since the user was let in somewhere. */
  askAgain(): void {
    for (const entry of this.#entries) if (entry.state === 'refused') this.#subscribe(entry);
  }

  /** In the session of now, where there is one; else the next one does it. */
  #subscribe(entry: Entry): void {
    const { exchange } = this.#options.connection;
    if (exchange === null) return;
    clearTimeout(entry.timer);
    const { destination, headers } = entry.wanted;
    const id = `s-${(this.#count += 1)}`;
    entry.id = id;
    entry.state = 'asking';
    this.#byId.set(id, entry);
    const isOld = () => entry.id !== id;
    exchange.subscribe(id, destination, headers?.() ?? {}).then(
      (receipt) => {
        if (isOld()) return;
        if (!this.#entries.has(entry)) return this.#unsubscribe(entry, exchange);
        entry.state = 'live';
        entry.refusalCount = 0;
        entry.wanted.live?.(receipt);
      },
      (error: ChatClientError) => {
        if (!isOld()) this.#failed(entry, error);
      },
    );
  }

  #failed(entry: Entry, error: ChatClientError): void {
    this.#forgetId(entry);
    if (!this.#entries.has(entry)) return;
    if (!error.retryable) {
      entry.state = 'refused';
      if (entry.wanted.refused === undefined) this.#options.report(error);
      else entry.wanted.refused(error);
      return;
    }
    entry.refusalCount += 1;
    const { limits } = this.#options;
    entry.timer = setTimeout(() => this.#subscribe(entry), limits.retryMinMs + retryMs(entry.refusalCount, limits));
  }

  /** What cannot be read costs nobody the session. */
  #take(message: IncomingMessage): void {
    try {
      this.#byId.get(message.headers['subscription'] ?? '')?.wanted.message(message);
    } catch (cause) {
      const { destination } = message.headers;
      this.#options.report(clientError('BAD_ANSWER', { message: `${destination} cannot be read.`, cause }));
    }
  }

  #remove(entry: Entry): void {
    if (!this.#entries.delete(entry)) return;
    clearTimeout(entry.timer);
    const { exchange } = this.#options.connection;
    if (entry.state === 'live' && exchange !== null) this.#unsubscribe(entry, exchange);
    // one that is asked for is left once it is there: to leave what is refused would break the protocol
    else if (entry.id !== null) this.#byId.delete(entry.id);
  }

  #unsubscribe(entry: Entry, exchange: Exchange): void {
    if (entry.id !== null) exchange.unsubscribe(entry.id);
    this.#forgetId(entry);
  }

  #forgetId(entry: Entry): void {
    if (entry.id !== null) this.#byId.delete(entry.id);
    entry.id = null;
    entry.state = 'idle';
  }

  #down(): void {
    for (const entry of this.#entries) {
      clearTimeout(entry.timer);
      const { state } = entry;
      this.#forgetId(entry);
      if (state !== 'refused') entry.wanted.lost?.();
    }
  }

  /** The error queue said so. What was live is asked for once more: the user may be back already. */
  #refused(refusal: ErrorDTO): void {
    const { exchange } = this.#options.connection;
    if (exchange?.refused(refusal) === true) return;
    const ended = [...this.#entries].filter(
      ({ state, wanted }) => state === 'live' && wanted.destination === refusal.destination,
    );
    for (const entry of ended) {
      this.#forgetId(entry);
      entry.wanted.lost?.();
      this.#subscribe(entry);
    }
    if (ended.length === 0) this.#options.report(new ChatClientError(refusal));
  }
}
