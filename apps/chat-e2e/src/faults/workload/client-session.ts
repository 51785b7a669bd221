import type { ErrorDTO, MessageDTO } from '@chat/dto';
import { headerOf, type StompFrame } from '@chat/stomp';
import type { Recorder } from '../history/recorder.ts';
import { Wire } from './wire.ts';

/** Longest that a frame waits for its answer before the client gives the connection up, in ms: well past what is promised. */
const PATIENCE_MS = 12_000;
const ERRORS = '/user/queue/errors';
/** Stands for CONNECT among the receipts, of which it has none. */
const CONNECT = 'CONNECT';

/** A message of this client under its key. */
export interface OwnMessage {
  readonly room: number;
  readonly key: string;
}

export interface SessionEvents {
  /** All rooms are live. */
  readonly onLive: () => void;
  readonly onMessage: (room: number, id: string) => void;
  readonly onAcknowledged: (message: OwnMessage) => void;
  readonly onRefused: (message: OwnMessage, isRetryable: boolean) => void;
  /** Of these it is not known what became. */
  readonly onClosed: (code: number, unanswered: readonly OwnMessage[]) => void;
}

export interface SessionOptions {
  readonly session: number;
  readonly client: number;
  readonly token: string;
  readonly gateway: { readonly name: string; readonly url: string };
  /** With the last message seen of each; null for none. */
  readonly rooms: readonly { readonly room: number; readonly since: string | null }[];
  readonly nextSubscription: () => number;
  readonly contentOf: (key: string) => string;
  readonly note: Recorder['note'];
  readonly events: SessionEvents;
}

type Pending = { readonly at: number } & (
  | { readonly kind: 'connect' }
  | { readonly kind: 'send'; readonly message: OwnMessage }
  | { readonly kind: 'subscribe'; readonly subscription: number }
);

/** One connection of a client from CONNECT to its close, noted as it happens. */
export class ClientSession {
  readonly #options: SessionOptions;
  readonly #wire: Wire;
  readonly #pending = new Map<string, Pending>();
  readonly #roomOf = new Map<string, number>();
  readonly #watch: NodeJS.Timeout;
  #receiptCount = 0;
  #subscribingCount = 0;
  #isNoted = true;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { session, client, gateway, note } = options;
    note({ type: 'connecting', session, client, gateway: gateway.name });
    this.#pending.set(CONNECT, { kind: 'connect', at: performance.now() });
    this.#watch = setInterval(() => this.#losePatience(), PATIENCE_MS / 4);
    this.#wire = new Wire(gateway.url, {
      onOpen: () => this.#connect(),
      onFrame: (frame) => this.#onFrame(frame),
      onClosed: (code) => this.#onClosed(code),
    });
  }

  /** SENDs and SUBSCRIBEs without an answer. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  send({ room, key }: OwnMessage, isResend: boolean): void {
    const receipt = this.#ask({ kind: 'send', message: { room, key }, at: performance.now() });
    this.#note({ type: 'send', session: this.#options.session, room, clientMessageId: key, receipt, isResend });
    const headers = { destination: `/app/chat.send/${room}`, receipt, 'client-message-id': key };
    const body = JSON.stringify({ content: this.#options.contentOf(key) });
    this.#wire.send('SEND', { ...headers, resend: isResend ? 'true' : undefined }, body);
  }

  stopReading(): void {
    this.#wire.stopReading();
  }

  readOn(): void {
    this.#wire.readOn();
  }

  cut(): void {
    this.#wire.cut();
  }

  /** Ends it and notes nothing more: the history ends with its sessions open. */
  leave(): void {
    this.#isNoted = false;
    this.#wire.cut();
  }

  #note(...[event]: Parameters<Recorder['note']>): void {
    if (this.#isNoted) this.#options.note(event);
  }

  #ask(pending: Pending): string {
    const receipt = `${this.#options.session}-${(this.#receiptCount += 1)}`;
    this.#pending.set(receipt, pending);
    return receipt;
  }

  #connect(): void {
    const authorization = `Bearer ${this.#options.token}`;
    this.#wire.send('CONNECT', { 'accept-version': '1.2', host: 'chat', Authorization: authorization });
  }

  #onFrame(frame: StompFrame): void {
    switch (frame.command) {
      case 'CONNECTED':
        return this.#onConnected();
      case 'MESSAGE':
        return this.#onMessage(frame);
      case 'RECEIPT':
        return this.#onReceipt(frame);
      case 'ERROR':
        return this.#onError(frame);
    }
  }

  #onConnected(): void {
    this.#pending.delete(CONNECT);
    this.#note({ type: 'connected', session: this.#options.session });
    this.#wire.send('SUBSCRIBE', { id: 'errors', destination: ERRORS });
    for (const { room, since } of this.#options.rooms) this.#subscribe(room, since);
  }

  #subscribe(room: number, since: string | null): void {
    const { session, nextSubscription } = this.#options;
    const subscription = nextSubscription();
    const receipt = this.#ask({ kind: 'subscribe', subscription, at: performance.now() });
    this.#subscribingCount += 1;
    this.#roomOf.set(String(subscription), room);
    this.#note({ type: 'subscribe', session, subscription, room, since, receipt });
    const destination = `/topic/chat_rooms/${room}`;
    this.#wire.send('SUBSCRIBE', { id: String(subscription), destination, receipt, since: since ?? undefined });
  }

  #onMessage(frame: StompFrame): void {
    const subscription = headerOf(frame, 'subscription') ?? '';
    const room = this.#roomOf.get(subscription);
    const text = Buffer.from(frame.body).toString('utf8');
    if (room === undefined) return this.#onErrorMessage(JSON.parse(text) as ErrorDTO); // the contract of the error queue
    const { senderId } = JSON.parse(text) as MessageDTO; // the contract of a room
    const id = headerOf(frame, 'message-id') ?? '';
    this.#note({
      type: 'message',
      subscription: Number(subscription),
      id,
      prev: headerOf(frame, 'prev') ?? null,
      clientMessageId: headerOf(frame, 'client-message-id') ?? null,
      sender: senderId,
      replayed: headerOf(frame, 'replayed') === 'true',
    });
    this.#options.events.onMessage(room, id);
  }

  #onReceipt(frame: StompFrame): void {
    const receipt = headerOf(frame, 'receipt-id') ?? '';
    const messageId = headerOf(frame, 'message-id') ?? null;
    this.#note({ type: 'receipt', session: this.#options.session, receipt, messageId });
    const pending = this.#pending.get(receipt);
    this.#pending.delete(receipt);
    if (pending?.kind === 'send') this.#options.events.onAcknowledged(pending.message);
    if (pending?.kind === 'subscribe') this.#onSubscribed(pending.subscription, frame);
  }

  #onSubscribed(subscription: number, frame: StompFrame): void {
    const recovered = headerOf(frame, 'recovered');
    this.#note({ type: 'subscribed', subscription, recovered: recovered === undefined ? null : recovered === 'true' });
    this.#subscribingCount -= 1;
    if (this.#subscribingCount === 0) this.#options.events.onLive();
  }

  #onErrorMessage({ receiptId, clientMessageId, code, retryable }: ErrorDTO): void {
    const { session, events } = this.#options;
    const receipt = receiptId ?? null;
    this.#note({ type: 'error', session, receipt, clientMessageId: clientMessageId ?? null, code, retryable });
    const pending = this.#pending.get(receipt ?? '');
    this.#pending.delete(receipt ?? '');
    if (pending?.kind === 'send') events.onRefused(pending.message, retryable);
    if (pending?.kind === 'subscribe') this.cut(); // without its rooms it is of no use
  }

  /** The gateway closes behind it. */
  #onError(frame: StompFrame): void {
    const receipt = headerOf(frame, 'receipt-id') ?? null;
    const code = headerOf(frame, 'code') ?? 'none';
    const { session } = this.#options;
    this.#note({ type: 'error', session, receipt, clientMessageId: null, code, retryable: null });
  }

  #onClosed(code: number): void {
    clearInterval(this.#watch);
    this.#note({ type: 'closed', session: this.#options.session, code });
    const unanswered = [...this.#pending.values()].flatMap((pending) =>
      pending.kind === 'send' ? [pending.message] : [],
    );
    this.#pending.clear();
    this.#options.events.onClosed(code, unanswered);
  }

  #losePatience(): void {
    const [oldest] = this.#pending.values();
    if (oldest !== undefined && performance.now() - oldest.at > PATIENCE_MS) this.cut();
  }
}
