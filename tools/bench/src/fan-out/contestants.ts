import { createToken } from '@chat/testing';
import type { BenchContext } from '../bench.ts';
import { compileNative } from '../load/compile.ts';
import { LineProcess } from '../load/line-process.ts';
import { portOf, startPeer } from '../load/peer.ts';
import { Swarm, type SwarmTarget } from '../load/swarm.ts';
import { openChat } from '../open-chat.ts';
import { membersOf, type Layout } from './layouts.ts';
import { openLogFeed } from './log-feed.ts';

/** Longest that a peer may take to fan out what it was told to, in ms. */
const FLUSH_DEADLINE_MS = 60_000;
/** Clients on their way to their subscriptions at the same time. */
const CONNECTING_COUNT = 50;
/** Frames that the batching floor collects a socket. */
const FLOOR_BATCH = 8;

export const CONTESTANTS = ['ours', 'naive', 'socketIo', 'oneWrite', 'batching'] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

export const CONTESTANT_LABELS: PerContestant<string> = {
  ours: 'ws-gateway',
  naive: 'naive ws server',
  socketIo: 'Socket.IO',
  oneWrite: 'C, one write a delivery',
  batching: `C, ${FLOOR_BATCH} frames a writev`,
};

/** A server with messages to fan out. */
export interface FanOutServer {
  readonly pid: number;
  readonly target: SwarmTarget;
  /** Gives it the next so many messages, room after room. */
  feed(count: number): Promise<void>;
  /** What it collects goes out. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** A server and its clients, all of them subscribed. */
export interface Contestant {
  readonly server: FanOutServer;
  readonly swarm: Swarm;
  stop(): Promise<void>;
}

export type PerContestant<Value> = Readonly<Record<ContestantName, Value>>;

/** Opens all of them, each with the clients of the layout, and stops them; who does not have its turn has nothing to do. */
export async function withContestants<Result>(
  context: BenchContext,
  layout: Layout,
  work: (contestants: PerContestant<Contestant>) => Promise<Result>,
): Promise<Result> {
  const programs = {
    swarm: await compileNative(context.rootDir, 'swarm'),
    writer: await compileNative(context.rootDir, 'writer'),
  };
  const opened: Partial<Record<ContestantName, Contestant>> = {};
  try {
    for (const name of CONTESTANTS) opened[name] = await openContestant(name, context, programs, layout);
    return await work(opened as PerContestant<Contestant>); // all were opened
  } finally {
    for (const contestant of Object.values(opened)) await contestant.stop();
  }
}

/** What each of them does when it has its turn. */
export function turnsOf<Result>(
  contestants: PerContestant<Contestant>,
  play: (contestant: Contestant) => Promise<Result>,
): PerContestant<() => Promise<Result>> {
  const turns = CONTESTANTS.map((name) => [name, () => play(contestants[name])] as const);
  return Object.fromEntries(turns) as PerContestant<() => Promise<Result>>; // one of each name
}

interface Programs {
  readonly swarm: string;
  readonly writer: string;
}

async function openContestant(
  name: ContestantName,
  config: BenchContext,
  programs: Programs,
  layout: Layout,
): Promise<Contestant> {
  const server = await openServer(name, config, programs, layout);
  const swarm = new Swarm(programs.swarm, server.target);
  const stop = async () => {
    await swarm.stop();
    await server.stop();
  };
  try {
    const clients = layout.roomsOfClients.map((rooms, index) => ({ rooms, token: createToken({ userId: index + 1 }) }));
    await swarm.connect(clients, CONNECTING_COUNT);
    return { server, swarm, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function openServer(
  name: ContestantName,
  config: BenchContext,
  { writer }: Programs,
  layout: Layout,
): Promise<FanOutServer> {
  switch (name) {
    case 'ours':
      return openGateway(config, layout);
    case 'naive':
      return openPeer(startPeer('naive-server.ts'), { path: '/', dialect: 'plain' });
    case 'socketIo':
      return openPeer(startPeer('socket-io-server.ts'), {
        path: '/socket.io/?EIO=4&transport=websocket',
        dialect: 'socketio',
      });
    case 'oneWrite':
      return openPeer(new LineProcess(name, writer, ['1']), { path: '/', dialect: 'plain' });
    case 'batching':
      return openPeer(new LineProcess(name, writer, [String(FLOOR_BATCH)]), { path: '/', dialect: 'plain' });
  }
}

/** The built gateway on real Kafka, Postgres and Redis; its messages come out of the log. */
async function openGateway(config: BenchContext, layout: Layout): Promise<FanOutServer> {
  const chat = await openChat(config, { roomIds: layout.roomIds, members: membersOf(layout) });
  try {
    const { pid, port } = await chat.start('ws-gateway');
    const { feed, close } = await openLogFeed(chat.kafka, layout);
    const stop = async () => {
      await close();
      await chat.stop();
    };
    return { pid, target: { port, path: '/ws', dialect: 'stomp' }, feed, flush: () => Promise.resolve(), stop };
  } catch (error) {
    await chat.stop();
    throw error;
  }
}

/** A peer that obeys the commands of native/writer.c; its messages come out of its own memory. */
async function openPeer(peer: LineProcess, target: Omit<SwarmTarget, 'port'>): Promise<FanOutServer> {
  const port = await portOf(peer);
  return {
    pid: peer.pid,
    target: { ...target, port },
    feed: (count) => {
      peer.check();
      peer.tell(`fan-out ${count}`);
      return Promise.resolve();
    },
    flush: async () => {
      peer.tell('flush');
      await peer.next('flushed', FLUSH_DEADLINE_MS);
    },
    stop: () => peer.end(),
  };
}
