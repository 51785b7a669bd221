import { createServer } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;
const TRIES = 200;

export interface PortProbe {
  readonly isFree: (port: number) => Promise<boolean>;
  /** From 0 up to 1, without it. */
  readonly random: () => number;
}

/** Gives out ports of 127.0.0.1, each at most once. */
export class Ports {
  readonly #probe: PortProbe;
  readonly #taken = new Set<number>();

  constructor(probe: PortProbe = { isFree: canListen, random: Math.random }) {
    this.#probe = probe;
  }

  /** The wanted port if it is free, else any free one. Throws when none was found. */
  async take(wanted?: number): Promise<number> {
    if (wanted !== undefined && (await this.#tryTake(wanted))) return wanted;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const port = FIRST_PORT + Math.floor(this.#probe.random() * PORT_COUNT);
      if (await this.#tryTake(port)) return port;
    }
    throw new Error(`No free port found on 127.0.0.1 in ${TRIES} tries`);
  }

  async #tryTake(port: number): Promise<boolean> {
    if (this.#taken.has(port)) return false;
    this.#taken.add(port);
    if (await this.#probe.isFree(port)) return true;
    this.#taken.delete(port);
    return false;
  }
}

export interface PortWish {
  readonly ports: Ports;
  readonly wanted: number;
  /** Who will listen there, as people call it. */
  readonly name: string;
  readonly say: (line: string) => void;
}

/** The wanted port, or a free one where it is taken: then people are told which. */
export async function takePort({ ports, wanted, name, say }: PortWish): Promise<number> {
  const port = await ports.take(wanted);
  if (port !== wanted) say(`Port ${wanted} is taken, so ${name} is on ${port}`);
  return port;
}

/** Whether a server could listen on the port, on 127.0.0.1 and on all addresses (macOS allows one beside the other). */
async function canListen(port: number): Promise<boolean> {
  return (await canListenOn('127.0.0.1', port)) && (await canListenOn('0.0.0.0', port));
}

function canListenOn(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
