import type { Subscriptions } from '../session/subscriptions.ts';
import type { Headers } from '../session/exchange.ts';
import type { Stop } from '../store.ts';

export interface FeedListener<Body> {
  readonly message: (body: Body) => void;
  /** Nothing is missed from here on; told at once to one who comes later. */
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
  #isLive = false;

  constructor(subscriptions: Subscriptions, destination: string, headers: Headers = {}) {
    this.#subscriptions = subscriptions;
    this.#destination = destination;
    this.#headers = headers;
  }

  listen(listener: FeedListener<Body>): Stop {
    const entry = { ...listener };
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) this.#open();
    else if (this.#isLive) listener.live?.();
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#stop();
    };
  }

  #open(): void {
    const each = (tell: (listener: FeedListener<Body>) => void) => [...this.#listeners].forEach(tell);
    this.#isLive = false;
    this.#stop = this.#subscriptions.add({
      destination: this.#destination,
      headers: () => this.#headers,
      message: ({ body }) => {
        const parsed = JSON.parse(body) as Body; // the contract of the destination
        each(({ message }) => message(parsed));
      },
      live: () => {
        this.#isLive = true;
        each(({ live }) => live?.());
      },
      lost: () => {
        this.#isLive = false;
        each(({ lost }) => lost?.());
      },
    });
  }
}
