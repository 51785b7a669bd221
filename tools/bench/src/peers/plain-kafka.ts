import { kafkaUnderTest } from '@chat/testing';
import { recordOf } from '../load/log-record.ts';
import { percentile } from '../statistics.ts';
import { runStockConsumer } from './stock-consumer.ts';

// `plain-kafka.ts <brokers> <topic>`: a stock kafkajs producer and consumer in one process. `send <n> <per second>
// <rooms>` publishes so many records, one `producer.send` (acks -1) each, at their times whatever became of those before,
// and reads them back. It answers "result" with both latencies. In its favour: they are counted from the call of `send`,
// not from the intended time, and the consumer parses nothing.

const FIRST_ROOM = 1_001;
const [brokers, topic = ''] = process.argv.slice(2);
const { kafka } = await kafkaUnderTest(brokers);
const producer = kafka.producer({ allowAutoTopicCreation: false });
let round: Round | null = null;
let n = 0;

interface Round {
  readonly count: number;
  /** Of each record that is on its way, by id, in ms of `performance`. */
  readonly sentAt: Map<string, number>;
  readonly acknowledged: number[];
  readonly consumed: number[];
}

function tellWhenDone({ count, acknowledged, consumed }: Round): void {
  if (acknowledged.length < count || consumed.length < count) return;
  console.log(`result ${JSON.stringify({ receipt: latencyOf(acknowledged), message: latencyOf(consumed) })}`);
  round = null;
}

function latencyOf(waitedMs: readonly number[]) {
  const us = (percent: number) => Math.round(percentile(waitedMs, percent) * 1_000);
  return { count: waitedMs.length, p50Us: us(50), p99Us: us(99), maxUs: us(100) };
}

async function sendOne(current: Round, roomCount: number): Promise<void> {
  const record = recordOf(n, FIRST_ROOM + (n % roomCount), Math.floor(n / roomCount) + 1);
  n += 1;
  const sentAt = performance.now();
  current.sentAt.set(record.headers['ce_id'] ?? '', sentAt);
  await producer.send({ topic, acks: -1, messages: [record] });
  current.acknowledged.push(performance.now() - sentAt);
  tellWhenDone(current);
}

function send(count: number, perSecond: number, roomCount: number): void {
  const current: Round = { count, sentAt: new Map(), acknowledged: [], consumed: [] };
  round = current;
  const startedAt = performance.now();
  let sentCount = 0;
  const sendDue = () => {
    const dueCount = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) + 1);
    for (; sentCount < dueCount; sentCount++) void sendOne(current, roomCount);
    if (sentCount < count) setTimeout(sendDue, startedAt + (sentCount / perSecond) * 1_000 - performance.now());
  };
  sendDue();
}

function take(id: string | undefined): void {
  const sentAt = round?.sentAt.get(id ?? '');
  if (round === null || sentAt === undefined) throw new Error(`record ${id} came twice, or from elsewhere`);
  round.sentAt.delete(id ?? '');
  round.consumed.push(performance.now() - sentAt);
}

await producer.connect();
await runStockConsumer({
  kafka,
  topic,
  onBatch: (records) => {
    for (const { headers } of records) take(headers?.['ce_id']?.toString());
    if (round !== null) tellWhenDone(round);
  },
  onLine: (line) => {
    const [count = 0, perSecond = 0, roomCount = 1] = line.split(' ').slice(1).map(Number);
    send(count, perSecond, roomCount);
  },
});
