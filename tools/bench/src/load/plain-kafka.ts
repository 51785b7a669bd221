import { kafkaUnderTest } from '@chat/testing';
import { startPeer } from './peer.ts';
import type { Latency } from './swarm.ts';

const READY_DEADLINE_MS = 60_000;
const ROUND_DEADLINE_MS = 60_000;

/** A stock kafkajs producer and consumer as a process of its own (peers/plain-kafka.ts). */
export interface PlainKafka {
  readonly pid: number;
  /** Publishes so many records and reads them back; resolves to how long each way took. */
  send(load: PlainLoad): Promise<PlainResult>;
  stop(): Promise<void>;
}

export interface PlainLoad {
  readonly count: number;
  readonly perSecond: number;
  readonly roomCount: number;
}

export interface PlainResult {
  /** From the call of `send` to the acknowledgement. */
  readonly receipt: Latency;
  /** From the call of `send` to the record. */
  readonly message: Latency;
}

/** On a topic of its own with as many partitions. */
export async function openPlainKafka(kafkaBrokers: string, partitions: number): Promise<PlainKafka> {
  const kafka = await kafkaUnderTest(kafkaBrokers);
  const topic = `${kafka.topicPrefix}plain`;
  await kafka.createTopic(topic, partitions);
  const peer = startPeer('plain-kafka.ts', [kafkaBrokers, topic]);
  await peer.next('ready', READY_DEADLINE_MS);
  return {
    pid: peer.pid,
    send: async ({ count, perSecond, roomCount }) => {
      peer.tell(`send ${count} ${perSecond} ${roomCount}`);
      return JSON.parse(await peer.next('result', ROUND_DEADLINE_MS)) as PlainResult; // the peer is ours
    },
    stop: async () => {
      await peer.end();
      await kafka.cleanUp();
    },
  };
}
