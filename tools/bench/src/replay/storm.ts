import { createFrame, headerOf } from '@chat/stomp';
import { bearer, RawStompClient } from '@chat/testing';
import type { BuiltApp } from '../built-app.ts';
import { usageOf } from '../load/process-usage.ts';

/** Longest wait of one client, in ms: longer than anything is allowed to take, to see how much longer it takes. */
const WAIT_MAX_MS = 60_000;
/** Clients that connect at the same time: all at once would be refused for want of database connections, and is not measured. */
const CONNECTING_COUNT = 20;
const VERSION = '1.2';

/** One client that comes back. */
export interface Returning {
  readonly userId: number;
  readonly roomId: number;
  /** Id of the last message it saw; null subscribes without one. */
  readonly since: number | null;
  /** Messages of the room after that one. */
  readonly missedCount: number;
}

/** What a storm came to. */
export interface StormResult {
  /** Of each client, from its SUBSCRIBE to its RECEIPT, in ms. */
  readonly waitedMs: readonly number[];
  /** From the first SUBSCRIBE to the last RECEIPT, in s. */
  readonly wallS: number;
  /** CPU that the gateway took for that, in s. */
  readonly cpuS: number;
  readonly replayedCount: number;
  /** Clients that were told that nothing is missing; and those of them for whom that is not so. */
  readonly recoveredCount: number;
  readonly deceivedCount: number;
}

/** All of them connect, a few at a time, then all SUBSCRIBE at once and wait for the RECEIPT that says that they are live. */
export async function runStorm(gateway: BuiltApp, clients: readonly Returning[]): Promise<StormResult> {
  const connected = await connectAll(gateway, clients);
  try {
    const { cpuS: cpuBefore } = usageOf(gateway.pid);
    const startedAt = performance.now();
    const outcomes = await Promise.all(connected.map(subscribe));
    const wallS = (performance.now() - startedAt) / 1_000;
    return {
      waitedMs: outcomes.map(({ waitedMs }) => waitedMs),
      wallS,
      cpuS: usageOf(gateway.pid).cpuS - cpuBefore,
      replayedCount: outcomes.reduce((sum, { replayedCount }) => sum + replayedCount, 0),
      recoveredCount: outcomes.filter(({ isRecovered }) => isRecovered).length,
      deceivedCount: outcomes.filter(({ isDeceived }) => isDeceived).length,
    };
  } finally {
    for (const { client } of connected) client.close();
    await Promise.all(connected.map(({ client }) => client.closed({ timeoutMs: WAIT_MAX_MS })));
  }
}

interface Connected {
  readonly client: RawStompClient;
  readonly returning: Returning;
}

async function connectAll(gateway: BuiltApp, clients: readonly Returning[]): Promise<readonly Connected[]> {
  const waiting = clients.values();
  const connected: Connected[] = [];
  const connectOneByOne = async () => {
    for (const returning of waiting) connected.push({ returning, client: await connect(gateway, returning) });
  };
  await Promise.all(Array.from({ length: CONNECTING_COUNT }, connectOneByOne));
  return connected;
}

async function connect({ host }: BuiltApp, { userId }: Returning): Promise<RawStompClient> {
  const client = await RawStompClient.open(`ws://${host}/ws`, { timeoutMs: WAIT_MAX_MS });
  await client.connect({ Authorization: bearer(userId) }, { timeoutMs: WAIT_MAX_MS });
  return client;
}

async function subscribe({ client, returning: { roomId, since, missedCount } }: Connected) {
  const destination = `/topic/chat_rooms/${roomId}`;
  const headers = { id: '0', destination, receipt: 'live', ...(since !== null && { since: String(since) }) };
  const startedAt = performance.now();
  client.sendFrame(createFrame('SUBSCRIBE', headers), VERSION);
  const receipt = await client.nextFrame('RECEIPT', { timeoutMs: WAIT_MAX_MS });
  const waitedMs = performance.now() - startedAt;
  const replayedCount = client.frames.filter((frame) => headerOf(frame, 'replayed') === 'true').length;
  const isRecovered = headerOf(receipt, 'recovered') === 'true';
  return { waitedMs, replayedCount, isRecovered, isDeceived: isRecovered && replayedCount !== missedCount };
}
