import type { Subscriptions } from '../session/subscriptions.ts';
import type { Headers } from '../session/exchange.ts';
import type { Stop } from '../store.ts';

export interface FeedListener<Body> {
  readonly message: (body: Body) => void;
  readonly live?: () => void;
  readonly lost?: () => void;
}

/** A subscription that many listen to; there is one while somebody does. */
export class Feed<Body> {
  readonly #subscriptions: Subscriptions;
  readonly #destination: string;
  readonly #headers: Headers;
  readonly #listeners = new Set<FeedListener<Body>>();
  #stop: Stop = () => {};

  constructor(subscriptions: Subscriptions, destination: string, headers: Headers = {}) {
    this.#subscriptions = subscriptions;
    this.#destination = destination;
    this.#headers = headers;
  }

  listen(listener: FeedListener<Body>): Stop {
    const entry = { ...listener };
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) this.#open();
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#stop();
    };
  }

  #open(): void {
    const each = (tell: (listener: FeedListener<Body>) => void) => () => [...this.#listeners].forEach(tell);
    this.#stop = this.#subscriptions.add({
      destination: this.#destination,
      headers: () => this.#headers,
      message: ({ body }) => {
        const parsed = JSON.parse(body) as Body; // the contract of the destination
        each(({ message }) => message(parsed))();
      },
      live: each(({ live }) => live?.()),
      lost: each(({ lost }) => lost?.()),
    });
  }
}
