import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import { SilenceWatch } from './silence-watch.ts';
import type { SocketCount } from './socket-count.ts';

/** Time between two looks at whether a connection answers, in ms. */
const LOOK_MS = 500;
/** Idle time after which the system probes a connection, in ms. */
const KEEP_ALIVE_DELAY_MS = 30_000;

export interface BrokerSocketsOptions {
  readonly count: SocketCount;
  /** How long a connection may answer nothing of what it was asked, in ms. */
  readonly maxSilenceMs: number;
}

/**
 * The TCP connections of one kafkajs client. kafkajs leaves Nagle's algorithm on, which delays small requests until the last
 * one is acknowledged; and it gives a late request up but asks on the same connection for ever, which may be dead. So when
 * one is silent all to the same address are destroyed, and kafkajs makes new ones. Over TLS the broker is told by which name
 * it is asked (SNI), unless that is an address.
 */
export class BrokerSockets {
  readonly #options: BrokerSocketsOptions;
  readonly #byAddress = new Map<string, Set<Socket>>();
  #isShut = false;

  constructor(options: BrokerSocketsOptions) {
    this.#options = options;
  }

  readonly create: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    const socket = ssl
      ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
      : connectTcp({ host, port }, onConnect);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    this.#options.count.watch(socket);
    this.#watch(socket, `${host}:${port}`);
    if (this.#isShut) socket.destroy(new Error('the client was thrown away'));
    return socket;
  };

  /** Destroys all connections, and every one that is yet to be asked for: nothing of this client leaves any more. */
  shut(): void {
    this.#isShut = true;
    for (const sockets of this.#byAddress.values()) {
      for (const socket of sockets) socket.destroy(new Error('the client was thrown away'));
    }
  }

  #watch(socket: Socket, address: string): void {
    const siblings = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, siblings.add(socket));
    const watch = new SilenceWatch(this.#options.maxSilenceMs);
    const look = () => watch.isSilent(socket, performance.now()) && this.#destroyAll(siblings, address);
    const timer = setInterval(look, LOOK_MS).unref();
    socket.once('close', () => {
      clearInterval(timer);
      siblings.delete(socket);
    });
  }

  #destroyAll(sockets: ReadonlySet<Socket>, address: string): void {
    const error = new Error(`${address} has not answered for ${this.#options.maxSilenceMs} ms`);
    for (const socket of sockets) socket.destroy(error);
  }
}
