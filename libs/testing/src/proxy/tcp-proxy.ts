import { createServer, type Server, type Socket } from 'node:net';
import { FrameTraps, TrapLine, type FrameTrap, type SetTrap } from './frame-traps.ts';
import type { ReadHead } from './frame-splitter.ts';
import { kafkaHeads, type KafkaFrame } from './kafka-frames.ts';
import type { Pace } from './pace.ts';
import { postgresHeads, type PostgresFrame } from './postgres-frames.ts';
import { ProxiedConnection, type Direction, type Inspection } from './proxied-connection.ts';

/** A stretch of network between clients and a real service that a spec can break and mend. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  readonly connectionCount: number;
  /** Breaks every connection and refuses new ones, as when the service has died. */
  cut(): void;
  /** Breaks every connection with RST; new ones are welcome. */
  reset(): void;
  /** Lets nothing through on the connections there are, without breaking them, as when the service hangs. */
  stall(): void;
  /** Connections stand, new ones come about, and nothing passes: as when packets are lost on the way. */
  blackHole(): void;
  /** What goes in one direction is lost, on all connections; the other direction is well. */
  halfCut(direction: Direction): void;
  /** Lets the next request through, and breaks its connection when the reply comes: the client cannot know what was done. */
  cutBeforeReply(): void;
  /** Delays and dribbles what passes from now on, until mended. */
  slow(pace: Pace): void;
  /** Undoes all of these: what was held passes, connections are taken again. */
  mend(): void;
  close(): Promise<void>;
}

/** A proxy that knows where the frames of a protocol begin. */
export interface TrapProxy<Frame> extends TcpProxy {
  /** Waits for a frame on any connection. Traps stay over `mend`. */
  trap(trap: FrameTrap<Frame>): SetTrap<Frame>;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Forwards a free local port to the service. */
export function openTcpProxy(target: Target): Promise<TcpProxy> {
  return openProxy(target);
}

/** The same before a Kafka broker, with traps for its requests and replies. */
export function openKafkaProxy(target: Target): Promise<TrapProxy<KafkaFrame>> {
  return openTrapProxy(target, kafkaHeads);
}

/** The same before a Postgres server without TLS, with traps for its messages. */
export function openPostgresProxy(target: Target): Promise<TrapProxy<PostgresFrame>> {
  return openTrapProxy(target, postgresHeads);
}

async function openTrapProxy<Frame>(
  target: Target,
  headsOf: () => Readonly<Record<Direction, ReadHead<Frame>>>,
): Promise<TrapProxy<Frame>> {
  const traps = new FrameTraps<Frame>();
  const proxy = await openProxy(target, (connection) => {
    const heads = headsOf();
    const [request, reply] = [
      new TrapLine(traps, heads.request, connection),
      new TrapLine(traps, heads.reply, connection),
    ];
    return { request: (bytes) => request.inspect(bytes), reply: (bytes) => reply.inspect(bytes) };
  });
  return Object.assign(proxy, { trap: (trap: FrameTrap<Frame>) => traps.set(trap) });
}

/** What of the network is broken for connections to come. */
interface Faults {
  isCut: boolean;
  isBlackHole: boolean;
  readonly lost: Set<Direction>;
  cutsBeforeReply: boolean;
  pace: Pace;
}

async function openProxy(
  target: Target,
  inspection?: (connection: ProxiedConnection) => Inspection,
): Promise<TcpProxy> {
  const connections = new Set<ProxiedConnection>();
  const faults: Faults = { isCut: false, isBlackHole: false, lost: new Set(), cutsBeforeReply: false, pace: {} };
  const server = createServer({ allowHalfOpen: true }, (client) => accept(client));
  const port = await listen(server);
  const each = (act: (connection: ProxiedConnection) => void) => [...connections].forEach(act);
  const lose = (...directions: readonly Direction[]) => {
    for (const direction of directions) each((connection) => connection.shut(direction));
  };
  return {
    host: '127.0.0.1',
    port,
    get connectionCount() {
      return connections.size;
    },
    cut: () => {
      faults.isCut = true;
      each((connection) => connection.destroy());
    },
    reset: () => each((connection) => connection.reset()),
    stall: () => lose('request', 'reply'),
    blackHole: () => {
      faults.isBlackHole = true;
      lose('request', 'reply');
    },
    halfCut: (direction) => {
      faults.lost.add(direction);
      lose(direction);
    },
    cutBeforeReply: () => {
      faults.cutsBeforeReply = true;
    },
    slow: (pace) => {
      faults.pace = pace;
    },
    mend: () => {
      Object.assign(faults, { isCut: false, isBlackHole: false, cutsBeforeReply: false, pace: {} });
      faults.lost.clear();
      each((connection) => {
        connection.connect();
        connection.open('request');
        connection.open('reply');
      });
    },
    close: () => {
      each((connection) => connection.destroy());
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };

  function accept(client: Socket): void {
    if (faults.isCut) return void client.destroy();
    const connection = new ProxiedConnection({
      client,
      target,
      inspection,
      pace: () => faults.pace,
      isLastRequest: takeCutBeforeReply,
      onClose: (closed) => connections.delete(closed),
    });
    connections.add(connection);
    if (!faults.isBlackHole) connection.connect();
    for (const direction of faults.isBlackHole ? (['request', 'reply'] as const) : faults.lost) {
      connection.shut(direction);
    }
  }

  function takeCutBeforeReply(): boolean {
    const isArmed = faults.cutsBeforeReply;
    faults.cutsBeforeReply = false;
    return isArmed;
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the proxy has no port'));
      else resolve(address.port);
    });
  });
}
