import { setTimeout as pause } from 'node:timers/promises';
import { createToken, redisUnderTest } from '@chat/testing';
import type { BenchContext } from '../bench.ts';
import { consecutive } from '../consecutive.ts';
import { portOf, startPeer } from '../load/peer.ts';
import { usageOf } from '../load/process-usage.ts';
import { settled } from '../load/settle.ts';
import { Swarm, type SwarmClient, type SwarmTarget } from '../load/swarm.ts';
import { openChat } from '../open-chat.ts';
import { redisUsage } from './redis-usage.ts';

export interface HeartbeatParameters {
  readonly sessionCount: number;
  readonly roomCount: number;
  readonly pingEveryMs: number;
  readonly measureMs: number;
}

/** What a second of pings costs. */
export interface HeartbeatCost {
  readonly redisCommands: number;
  readonly redisCpuMs: number;
  /** Of all processes beside Redis. */
  readonly serverCpuMs: number;
  /** Pings that were answered, a second; null where nobody counts them. */
  readonly answered: number | null;
}

const FIRST_ROOM = 1_001;
const AT_ONCE = 50;

/** Sessions of a gateway, with presence-worker beside it. */
export async function measureGateway(
  context: BenchContext,
  program: string,
  parameters: HeartbeatParameters,
): Promise<HeartbeatCost> {
  const { sessionCount, roomCount } = parameters;
  context.say(`${sessionCount} sessions that ping`);
  const roomOf = (userId: number) => FIRST_ROOM + (userId % roomCount);
  const userIds = consecutive(sessionCount);
  const members = userIds.map((userId) => ({ userId, roomId: roomOf(userId) }));
  const chat = await openChat(context, { roomIds: consecutive(roomCount, FIRST_ROOM), members });
  try {
    const [worker, gateway] = [await chat.start('presence-worker'), await chat.start('ws-gateway')];
    const clients = userIds.map((userId) => ({ rooms: [roomOf(userId)], token: createToken({ userId }) }));
    const target = { port: gateway.port, path: '/ws', dialect: 'stomp' } as const;
    return await measure(context, program, { target, clients, pids: [gateway.pid, worker.pid], parameters });
  } finally {
    await chat.stop();
  }
}

/** The same sessions of a server that sets a key with a TTL for each ping. */
export async function measureNaive(
  context: BenchContext,
  program: string,
  parameters: HeartbeatParameters,
): Promise<HeartbeatCost> {
  const peer = startPeer('naive-presence-server.ts');
  try {
    const target = { port: await portOf(peer), path: '/', dialect: 'plain' } as const;
    const clients = consecutive(parameters.sessionCount).map(() => ({ rooms: [FIRST_ROOM], token: '-' }));
    const cost = await measure(context, program, { target, clients, pids: [peer.pid], parameters });
    return { ...cost, answered: null };
  } finally {
    await peer.end();
  }
}

interface Contest {
  readonly target: SwarmTarget;
  readonly clients: readonly SwarmClient[];
  /** Of the servers. */
  readonly pids: readonly number[];
  readonly parameters: HeartbeatParameters;
}

async function measure(
  { redisUrl }: BenchContext,
  program: string,
  { target, clients, pids, parameters }: Contest,
): Promise<HeartbeatCost> {
  const { pingEveryMs, measureMs } = parameters;
  const redis = await redisUnderTest(redisUrl);
  const swarm = new Swarm(program, target);
  const cpuOf = () => pids.reduce((sum, pid) => sum + usageOf(pid).cpuS, 0);
  try {
    await swarm.connect(clients, AT_ONCE);
    for (const pid of pids) await settled(pid);
    swarm.ping(pingEveryMs);
    await pause(pingEveryMs);
    await swarm.count();
    const [before, cpuBefore, startedAt] = [await redisUsage(redis), cpuOf(), performance.now()];
    await pause(measureMs);
    const [after, cpuS, tookS] = [
      await redisUsage(redis),
      cpuOf() - cpuBefore,
      (performance.now() - startedAt) / 1_000,
    ];
    const { receipt } = await swarm.end(0);
    return {
      redisCommands: (after.commands - before.commands) / tookS,
      redisCpuMs: ((after.cpuS - before.cpuS) * 1_000) / tookS,
      serverCpuMs: (cpuS * 1_000) / tookS,
      answered: receipt.count / tookS,
    };
  } finally {
    await swarm.stop();
    await redis.cleanUp();
  }
}
