import { createToken } from '@chat/testing';
import type { Bench, BenchReport, Target } from '../bench.ts';
import { consecutive } from '../consecutive.ts';
import { figure, spreadText } from '../figures.ts';
import { compileNative } from '../load/compile.ts';
import { portOf, startPeer } from '../load/peer.ts';
import { usageOf } from '../load/process-usage.ts';
import { openFilesOf, settled } from '../load/settle.ts';
import { Swarm, type SwarmClient, type SwarmTarget } from '../load/swarm.ts';
import { openChat } from '../open-chat.ts';
import { runRounds } from '../rounds.ts';
import { ratios, spreadOf } from '../statistics.ts';

const LEAST_PER_CPU_S = 2_500;
const AIM_PER_CPU_S = 4_200;
const FIRST_ROOM = 1_001;
const FULL = { rounds: 5, sessionCount: 2_000, roomCount: 100, atOnce: 50 };
const QUICK = { rounds: 1, sessionCount: 50, roomCount: 5, atOnce: 10 };
type Parameters = typeof FULL;

/** Sessions a CPU-second when many clients come at once, against a server that only looks at their tokens. */
export const connectionsBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  const { roomCount, sessionCount, rounds } = parameters;
  const program = await compileNative(context.rootDir, 'swarm');
  const roomIds = consecutive(roomCount, FIRST_ROOM);
  const members = consecutive(sessionCount).map((userId) => ({ userId, roomId: roomOf(userId, parameters) }));
  const chat = await openChat(context, { roomIds, members });
  const naive = startPeer('naive-login-server.ts');
  try {
    const gateway = await chat.start('ws-gateway');
    const naiveTarget: SwarmTarget = { port: await portOf(naive), path: '/', dialect: 'plain-login' };
    const ours: Stormed = { pid: gateway.pid, target: { port: gateway.port, path: '/ws', dialect: 'stomp' } };
    const storm = (stormed: Stormed) => () => runStorm(program, stormed, parameters);
    const contestants = {
      ours: storm(ours),
      known: () => withSessionsOpen(program, ours, parameters, storm(ours)),
      naive: storm({ pid: naive.pid, target: naiveTarget }),
    };
    context.say('storms');
    return reportOf(await runRounds(contestants, rounds), parameters);
  } finally {
    await naive.end();
    await chat.stop();
  }
};

interface Stormed {
  readonly pid: number;
  readonly target: SwarmTarget;
}

interface StormResult {
  readonly sessions: number;
  readonly cpuS: number;
  readonly wallS: number;
}

const NAMES = ['ours', 'known', 'naive'] as const;
type PerName<Value> = Readonly<Record<(typeof NAMES)[number], Value>>;
const LABELS: PerName<string> = {
  ours: 'ws-gateway',
  known: 'ws-gateway, the user has another session',
  naive: 'naive ws server',
};

function roomOf(userId: number, { roomCount }: Parameters): number {
  return FIRST_ROOM + (userId % roomCount);
}

function clientsOf(parameters: Parameters): readonly SwarmClient[] {
  const token = (userId: number) => createToken({ userId, claims: { username: `user ${userId}` } });
  return consecutive(parameters.sessionCount).map((userId) => ({
    rooms: [roomOf(userId, parameters)],
    token: token(userId),
  }));
}

/** All of them connect and wait for their RECEIPT; that they go again is not measured. */
async function runStorm(program: string, { pid, target }: Stormed, parameters: Parameters): Promise<StormResult> {
  const filesBefore = openFilesOf(pid);
  const swarm = new Swarm(program, target);
  try {
    await swarm.count();
    const before = usageOf(pid);
    const startedAt = performance.now();
    await swarm.connect(clientsOf(parameters), parameters.atOnce);
    const wallS = (performance.now() - startedAt) / 1_000;
    const cpuS = usageOf(pid).cpuS - before.cpuS;
    await swarm.close();
    return { sessions: parameters.sessionCount, cpuS, wallS };
  } finally {
    await swarm.stop();
    await settled(pid, filesBefore);
  }
}

async function withSessionsOpen<Result>(
  program: string,
  { pid, target }: Stormed,
  parameters: Parameters,
  work: () => Promise<Result>,
): Promise<Result> {
  const filesBefore = openFilesOf(pid);
  const swarm = new Swarm(program, target);
  try {
    await swarm.connect(clientsOf(parameters), parameters.atOnce);
    await settled(pid);
    const result = await work();
    await swarm.close();
    return result;
  } finally {
    await swarm.stop();
    await settled(pid, filesBefore);
  }
}

function reportOf(measured: PerName<readonly StormResult[]>, parameters: Parameters): BenchReport {
  const { rounds, sessionCount, roomCount, atOnce } = parameters;
  return {
    about: [
      `${sessionCount} clients, ${atOnce} at a time, come to one server: WebSocket upgrade, CONNECT with a token that is verified, SUBSCRIBE to one of ${roomCount} rooms that Postgres knows them to be members of, RECEIPT. Going again is not counted.`,
      'CPU is that of the gateway up to the last RECEIPT, with what it asks of Postgres, announces on Kafka and writes of usernames. Where the user has another session on this gateway, its memberships are in memory.',
      'The naive server looks at the signature and `exp` of a token in the first message and answers; it asks nobody and tells nobody.',
    ],
    parameters: { rounds, sessions: sessionCount, rooms: roomCount, 'at a time': atOnce },
    head: ['server', 'sessions/CPU-s', 'CPU µs/session', "of naive's", 'sessions/s'],
    rows: NAMES.map((name) => [
      LABELS[name],
      spreadText(spreadOf(measured[name].map(perCpuS))),
      spreadText(spreadOf(measured[name].map((result) => 1 / perCpuS(result))), 1e6),
      spreadText(spreadOf(ratios(measured[name].map(perCpuS), measured.naive.map(perCpuS)))),
      figure(spreadOf(measured[name].map(({ sessions, wallS }) => sessions / wallS)).median),
    ]),
    targets: [targetOf(measured.ours)],
    figures: measured,
  };
}

function targetOf(results: readonly StormResult[]): Target {
  const rate = spreadOf(results.map(perCpuS));
  return {
    rule: `at least ${figure(LEAST_PER_CPU_S)} sessions a CPU-second of "${LABELS.ours}" (aim: ${figure(AIM_PER_CPU_S)})`,
    measured: spreadText(rate),
    isMet: rate.median >= LEAST_PER_CPU_S,
  };
}

const perCpuS = ({ sessions, cpuS }: StormResult) => sessions / cpuS;
