import { Socket } from 'node:net';
import type { Pace } from './pace.ts';
import { Passage, type Passing } from './passage.ts';

/** From the client to the service, or back. */
export type Direction = 'request' | 'reply';

/** Sees all bytes of a connection; says what passes in their place. */
export type Inspection = Readonly<Record<Direction, (bytes: Buffer) => readonly Passing[]>>;

/** A client's connection and the one to the service that belongs to it: they break together. */
export class ProxiedConnection {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #client: Socket;
  readonly #upstream = new Socket({ allowHalfOpen: true });
  readonly #passages: Readonly<Record<Direction, Passage>>;
  /** Set once it is to break before the reply to the request that has passed. */
  #isAwaitingLastReply = false;

  constructor(options: {
    readonly client: Socket;
    readonly target: { readonly host: string; readonly port: number };
    readonly pace: () => Pace;
    /** Told when a request's bytes have come; answers whether the connection breaks before its reply. */
    readonly isLastRequest: () => boolean;
    readonly inspection?: ((connection: ProxiedConnection) => Inspection) | undefined;
    readonly onClose: (connection: ProxiedConnection) => void;
  }) {
    const { client, target, pace, isLastRequest, inspection, onClose } = options;
    this.#target = target;
    this.#client = client;
    const upstream = this.#upstream;
    const inspect = inspection?.(this) ?? { request: (bytes) => [bytes], reply: (bytes) => [bytes] };
    const request = (bytes: Buffer) => {
      this.#isAwaitingLastReply ||= isLastRequest();
      return inspect.request(bytes);
    };
    const reply = (bytes: Buffer) => {
      if (!this.#isAwaitingLastReply) return inspect.reply(bytes);
      this.reset();
      return [];
    };
    this.#passages = {
      request: new Passage({ source: client, sink: upstream, inspect: request, pace }),
      reply: new Passage({ source: upstream, sink: client, inspect: reply, pace }),
    };
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.destroy());
      socket.on('close', () => {
        if (client.destroyed && upstream.destroyed) onClose(this);
      });
    }
  }

  /** Connects to the service, where that was not done before. */
  connect(): void {
    const { connecting, pending, destroyed } = this.#upstream;
    if (pending && !connecting && !destroyed) this.#upstream.connect(this.#target);
  }

  shut(direction: Direction): void {
    this.#passages[direction].shut();
  }

  open(direction: Direction): void {
    this.#passages[direction].open();
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  /** Breaks it towards both sides with RST instead of an orderly end. */
  reset(): void {
    for (const socket of [this.#client, this.#upstream]) {
      if (socket.pending) socket.destroy();
      else socket.resetAndDestroy();
    }
  }
}
