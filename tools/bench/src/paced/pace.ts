import type { Contestant } from '../fan-out/contestants.ts';
import { CONTENT_BYTES } from '../load/log-record.ts';
import type { PlainKafka } from '../load/plain-kafka.ts';
import { usageOf } from '../load/process-usage.ts';
import type { Latency } from '../load/swarm.ts';

/** Messages at fixed times, whatever became of those before. */
export interface Pace {
  readonly perSecond: number;
  readonly durationS: number;
  /** As long it goes before that without being measured: whoever has done nothing while others had their turn is slow at first. */
  readonly leadInS: number;
  readonly roomSize: number;
  readonly roomCount: number;
}

export interface PacedResult {
  readonly deliveries: number;
  readonly cpuS: number;
  /** From the intended time of a message to each of its deliveries. */
  readonly latency: Latency;
}

/** A client of each room sends, at first unmeasured. Rejects where a delivery was left out, came twice, or out of order. */
export async function pace(
  contestant: Contestant,
  { perSecond, durationS, leadInS, roomSize }: Pace,
): Promise<PacedResult> {
  await sendAll(contestant, { count: perSecond * leadInS, perSecond, roomSize });
  return sendAll(contestant, { count: perSecond * durationS, perSecond, roomSize });
}

interface Load {
  readonly count: number;
  readonly perSecond: number;
  readonly roomSize: number;
}

async function sendAll({ server, swarm }: Contestant, { count, perSecond, roomSize }: Load): Promise<PacedResult> {
  await swarm.count();
  const before = usageOf(server.pid);
  swarm.send({ count, perSecond, contentBytes: CONTENT_BYTES, wantsReceipts: false });
  const { message } = await swarm.end(count * roomSize);
  return { deliveries: count * roomSize, cpuS: usageOf(server.pid).cpuS - before.cpuS, latency: message };
}

/** As many records through Kafka alone. */
export async function pacePlainKafka(
  plain: PlainKafka,
  { perSecond, durationS, leadInS, roomCount }: Pace,
): Promise<PacedResult> {
  const count = perSecond * durationS;
  await plain.send({ count: perSecond * leadInS, perSecond, roomCount });
  const before = usageOf(plain.pid);
  const { message } = await plain.send({ count, perSecond, roomCount });
  return { deliveries: count, cpuS: usageOf(plain.pid).cpuS - before.cpuS, latency: message };
}
