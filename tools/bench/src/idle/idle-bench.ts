import { setTimeout as pause } from 'node:timers/promises';
import { createToken } from '@chat/testing';
import type { Bench, BenchContext, BenchReport, Target } from '../bench.ts';
import { consecutive } from '../consecutive.ts';
import { figure, spreadText } from '../figures.ts';
import { compileNative } from '../load/compile.ts';
import { portOf, startPeer } from '../load/peer.ts';
import { usageOf } from '../load/process-usage.ts';
import { settled } from '../load/settle.ts';
import { Swarm, type SwarmClient, type SwarmTarget } from '../load/swarm.ts';
import { openChat } from '../open-chat.ts';
import { runRounds } from '../rounds.ts';
import { spreadOf } from '../statistics.ts';
import { COLLECT_OPTION, rssOf, settledRss } from './memory.ts';

const KIB = 1_024;
const MOST_KIB = 12;
const AIM_KIB = 8;
const FIRST_ROOM = 1_001;
const AT_ONCE = 50;
/** Interval of heart-beats both ways, in ms: what the gateway offers where nothing is configured. */
const HEART_BEAT_MS = 10_000;
/** Sessions that come and go first, so that what a server loads and keeps once is not counted. */
const FIRST_SESSIONS_SHARE = 0.1;
const FULL = { rounds: 5, sessionCount: 5_000, roomCount: 250, restMs: 1.2 * HEART_BEAT_MS };
const QUICK = { rounds: 1, sessionCount: 200, roomCount: 10, restMs: 1_000 };
type Parameters = typeof FULL;

/** Memory that a session takes which does nothing, against a bare WebSocket of `ws`. */
export const idleBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const program = await compileNative(context.rootDir, 'swarm');
  const contestants = {
    ours: () => measureGateway(context, program, parameters),
    bare: () => measureBare(program, parameters),
  };
  return reportOf(await runRounds(contestants, parameters.rounds), parameters);
};

interface IdleResult {
  readonly sessions: number;
  /** Before the first session, and with all of them. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** With all of them as the process stands, garbage and spare room included. */
  readonly bytesAsItStands: number;
  /** CPU while all of them did nothing, in s a second. */
  readonly cpuShare: number;
  readonly heartBeats: number;
}

const NAMES = ['ours', 'bare'] as const;
type PerName<Value> = Readonly<Record<(typeof NAMES)[number], Value>>;
const LABELS: PerName<string> = { ours: 'ws-gateway, heart-beats on', bare: 'bare ws server' };

/** A new process each time, since what was once taken from the system does not all go back. */
async function measureGateway(context: BenchContext, program: string, parameters: Parameters): Promise<IdleResult> {
  context.say(`${parameters.sessionCount} sessions`);
  const roomIds = consecutive(parameters.roomCount, FIRST_ROOM);
  const roomOf = (userId: number) => FIRST_ROOM + (userId % parameters.roomCount);
  const userIds = consecutive(parameters.sessionCount);
  const chat = await openChat(context, { roomIds, members: userIds.map((id) => ({ userId: id, roomId: roomOf(id) })) });
  try {
    const { pid, port } = await chat.start('ws-gateway', { NODE_OPTIONS: COLLECT_OPTION });
    const clients = userIds.map((id) => ({
      rooms: [roomOf(id)],
      token: createToken({ userId: id, claims: { username: `user ${id}` } }),
    }));
    return await measureSessions(
      program,
      { pid, target: { port, path: '/ws', dialect: 'stomp' } },
      clients,
      parameters,
    );
  } finally {
    await chat.stop();
  }
}

async function measureBare(program: string, parameters: Parameters): Promise<IdleResult> {
  const peer = startPeer('bare-server.ts', [], [COLLECT_OPTION]);
  try {
    const target: SwarmTarget = { port: await portOf(peer), path: '/', dialect: 'plain' };
    const clients = consecutive(parameters.sessionCount).map(() => ({ rooms: [FIRST_ROOM], token: '-' }));
    return await measureSessions(program, { pid: peer.pid, target }, clients, parameters);
  } finally {
    await peer.end();
  }
}

async function measureSessions(
  program: string,
  { pid, target }: { readonly pid: number; readonly target: SwarmTarget },
  clients: readonly SwarmClient[],
  { restMs }: Parameters,
): Promise<IdleResult> {
  await comeAndGo(program, target, clients.slice(0, clients.length * FIRST_SESSIONS_SHARE));
  await settled(pid);
  const bytesBefore = await settledRss(pid);
  const swarm = new Swarm(program, target);
  try {
    if (target.dialect === 'stomp') swarm.heartBeat(HEART_BEAT_MS);
    await swarm.connect(clients, AT_ONCE);
    await swarm.count();
    const before = usageOf(pid);
    await pause(restMs);
    const cpuShare = (usageOf(pid).cpuS - before.cpuS) / (restMs / 1_000);
    const { heartBeats } = await swarm.end(0);
    const bytesAsItStands = rssOf(pid);
    const bytesAfter = await settledRss(pid);
    return { sessions: clients.length, bytesBefore, bytesAfter, bytesAsItStands, cpuShare, heartBeats };
  } finally {
    await swarm.stop();
  }
}

async function comeAndGo(program: string, target: SwarmTarget, clients: readonly SwarmClient[]): Promise<void> {
  const swarm = new Swarm(program, target);
  try {
    await swarm.connect(clients, AT_ONCE);
    await swarm.close();
  } finally {
    await swarm.stop();
  }
}

function reportOf(measured: PerName<readonly IdleResult[]>, parameters: Parameters): BenchReport {
  const { rounds, sessionCount, roomCount } = parameters;
  return {
    about: [
      `Resident memory (VmRSS) of the process with ${figure(sessionCount)} sessions less that before them, through their number; each after all garbage was collected and its room given back, in a new process each round; "as it stands" is with what V8 keeps of it until it needs to. ${figure(sessionCount * FIRST_SESSIONS_SHARE)} sessions that come and go before make sure that what is taken once is not counted. The memory of the kernel's sockets is no part of it.`,
      `A session of the gateway is connected, subscribed to one of ${roomCount} rooms, a user of its own, with heart-beats every ${HEART_BEAT_MS / 1_000} s both ways; it was idle for ${figure(parameters.restMs / 1_000)} s. The bare server has a listener for messages on each WebSocket and nothing else.`,
    ],
    parameters: { rounds, sessions: sessionCount },
    head: [
      'server',
      'KiB a session',
      'MiB before',
      'MiB with all',
      'MiB as it stands',
      'CPU ms/s while idle',
      'heart-beats received',
    ],
    rows: NAMES.map((name) => [
      LABELS[name],
      spreadText(spreadOf(measured[name].map(kibASession))),
      figure(spreadOf(measured[name].map(({ bytesBefore }) => bytesBefore / KIB ** 2)).median),
      figure(spreadOf(measured[name].map(({ bytesAfter }) => bytesAfter / KIB ** 2)).median),
      figure(spreadOf(measured[name].map(({ bytesAsItStands }) => bytesAsItStands / KIB ** 2)).median),
      figure(spreadOf(measured[name].map(({ cpuShare }) => cpuShare * 1_000)).median),
      figure(spreadOf(measured[name].map(({ heartBeats }) => heartBeats)).median),
    ]),
    targets: [targetOf(measured.ours)],
    figures: measured,
  };
}

function targetOf(results: readonly IdleResult[]): Target {
  const kib = spreadOf(results.map(kibASession));
  return {
    rule: `at most ${MOST_KIB} KiB a session (aim: ${AIM_KIB})`,
    measured: spreadText(kib),
    isMet: kib.median <= MOST_KIB,
  };
}

const kibASession = ({ bytesBefore, bytesAfter, sessions }: IdleResult) => (bytesAfter - bytesBefore) / KIB / sessions;
