import type { Recorder } from '../history/recorder.ts';
import type { Random } from '../random.ts';
import type { MessageLength } from './content.ts';
import { ClientSession, type OwnMessage, type SessionOptions } from './client-session.ts';

/** From a lost connection to the next attempt, in ms: a little at first, twice as long each time, never over the most. */
const FIRST_BACKOFF_MS = 100;
const MOST_BACKOFF_MS = 2_000;
/** From a refusal to sending again, in ms. */
const RESEND_MIN_MS = 200;
const RESEND_MAX_MS = 1_000;
/** SENDs without an answer at most; a client with more waits. */
const IN_FLIGHT_MAX = 200;

export type Gateway = SessionOptions['gateway'];

export interface FaultClientOptions {
  readonly client: number;
  readonly token: string;
  readonly rooms: readonly number[];
  readonly gateways: readonly Gateway[];
  readonly random: Random;
  readonly nextSession: () => number;
  readonly nextSubscription: () => number;
  readonly contentOf: (key: string) => string;
  readonly note: Recorder['note'];
}

/**
 * A client as the documentation asks for one: it comes back to any gateway, with the last message it has seen of each
 * room, and sends again under the same key what it has no answer for.
 */
export class FaultClient {
  readonly #options: FaultClientOptions;
  readonly #lastSeen = new Map<number, string>();
  /** What must be sent again, and what waits for its answer. */
  readonly #toResend = new Map<string, OwnMessage>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #session: ClientSession | null = null;
  #isLive = false;
  #isAway = true;
  #gateway: string | null = null;
  /** Where it goes next, whatever the seed says. */
  #nextGateway: string | null = null;
  #failureCount = 0;
  #messageCount = 0;

  constructor(options: FaultClientOptions) {
    this.#options = options;
  }

  get client(): number {
    return this.#options.client;
  }

  get rooms(): readonly number[] {
    return this.#options.rooms;
  }

  /** Whether it is live and has an answer for all that it has sent. */
  get isSettled(): boolean {
    return this.#isLive && this.#toResend.size === 0 && this.#session?.pendingCount === 0;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** Where it is connected, or was last. */
  get gateway(): string | null {
    return this.#gateway;
  }

  lastSeen(room: number): string | null {
    return this.#lastSeen.get(room) ?? null;
  }

  /** Connects, and comes back whenever the connection is lost. */
  connect(): void {
    this.#isAway = false;
    const gateway = this.#chooseGateway();
    this.#gateway = gateway.name;
    this.#session = new ClientSession({
      ...this.#options,
      session: this.#options.nextSession(),
      gateway,
      rooms: this.#options.rooms.map((room) => ({ room, since: this.lastSeen(room) })),
      events: {
        onLive: () => this.#onLive(),
        onMessage: (room, id) => void this.#lastSeen.set(room, id),
        onAcknowledged: ({ key }) => void this.#toResend.delete(key),
        onRefused: (message, isRetryable) => this.#onRefused(message, isRetryable),
        onClosed: (_, unanswered) => this.#onClosed(unanswered),
      },
    });
  }

  /** Sends a new message, unless it is not live or has too many under way. Answers whether it did. */
  send(room: number, length: MessageLength = 'short'): boolean {
    if (!this.#isLive || this.#session === null || this.#session.pendingCount >= IN_FLIGHT_MAX) return false;
    this.#session.send({ room, key: `${this.client}-${(this.#messageCount += 1)}-${length}` }, false);
    return true;
  }

  stopReading(): void {
    this.#session?.stopReading();
  }

  readOn(): void {
    this.#session?.readOn();
  }

  /** Loses its connection; it comes back soon, to any gateway. */
  cut(): void {
    this.#session?.cut();
  }

  /** Loses its connection, and comes back to this gateway. */
  moveTo(gateway: string): void {
    this.#nextGateway = gateway;
    this.cut();
  }

  /** Hangs up until it is told to connect. */
  goAway(): void {
    this.#isAway = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#session?.cut();
  }

  /** Goes for good; nothing of it is noted any more. */
  leave(): void {
    this.#session?.leave();
    this.goAway();
  }

  #chooseGateway(): Gateway {
    const { gateways, random } = this.#options;
    const wanted = gateways.find(({ name }) => name === this.#nextGateway);
    this.#nextGateway = null;
    return wanted ?? random.pick(gateways);
  }

  #onLive(): void {
    this.#isLive = true;
    this.#failureCount = 0;
    for (const message of this.#toResend.values()) this.#session?.send(message, true);
  }

  #onRefused(message: OwnMessage, isRetryable: boolean): void {
    if (!isRetryable) return void this.#toResend.delete(message.key);
    this.#toResend.set(message.key, message);
    this.#after(this.#options.random.between(RESEND_MIN_MS, RESEND_MAX_MS), () => {
      if (this.#isLive && this.#toResend.has(message.key)) this.#session?.send(message, true);
    });
  }

  #onClosed(unanswered: readonly OwnMessage[]): void {
    this.#isLive = false;
    this.#session = null;
    for (const message of unanswered) this.#toResend.set(message.key, message);
    if (this.#isAway) return;
    const most = Math.min(MOST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failureCount);
    this.#failureCount += 1;
    this.#after(this.#options.random.between(most / 2, most), () => this.connect());
  }

  #after(delayMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delayMs);
    this.#timers.add(timer);
  }
}
