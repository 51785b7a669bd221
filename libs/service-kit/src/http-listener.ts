import { createServer, type RequestListener, type Server } from 'node:http';
import type { Service } from './lifecycle.ts';

/** Longest that request headers, and a whole request, may take to arrive, in ms. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** How long a connection on which nothing moves is kept, be it that the client does not take its answer, in ms. */
const IDLE_TIMEOUT_MS = 30_000;
/** How long requests in flight may go on once the listener stops, in ms. */
const STOP_GRACE_MS = 5_000;

export interface HttpListenerOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly handler: RequestListener;
  /** How long a connection on which nothing moves is kept, in ms; 30,000 by default. */
  readonly idleTimeoutMs?: number;
}

/** An HTTP server as a service: `start` rejects when the port is taken, `stop` lets requests in flight finish. */
export class HttpListener implements Service {
  readonly name: string;
  readonly server: Server;
  readonly #host: string;
  readonly #port: number;

  constructor(options: HttpListenerOptions) {
    this.name = options.name;
    this.#host = options.host;
    this.#port = options.port;
    const idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
    this.server = createServer(
      { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: idleTimeoutMs },
      options.handler,
    );
    this.server.setTimeout(idleTimeoutMs);
  }

  /** The port actually taken; 0 while it does not listen. */
  get port(): number {
    const address = this.server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.once('error', reject);
    this.server.listen(this.#port, this.#host, () => {
      this.server.off('error', reject);
      resolve();
    });
    return promise;
  }

  stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cut = setTimeout(() => this.server.closeAllConnections(), STOP_GRACE_MS);
    this.server.close(() => {
      clearTimeout(cut);
      resolve(); // an error here means that it never listened: stopped all the same
    });
    this.server.closeIdleConnections();
    return promise;
  }
}
