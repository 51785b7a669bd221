import { createRequire } from 'node:module';
import { PRODUCE_ACK_TIMEOUT_MS, type KafkaClient } from './client.ts';
import { answerOf, type KafkajsCluster, type ProduceAnswer } from './kafkajs-cluster.ts';
import { toMessages } from './kafkajs-messages.ts';
import { LeaderQueue, type QueuedAppend } from './leader-queue.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import { NeverSentError } from './produce-failure.ts';
import type { SocketCount } from './socket-count.ts';

/** What the publisher needs of a producer; replaced in tests. */
export interface RecordTransport {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /**
   * Appends the records, of so many bytes, in one batch to one partition of a topic (by its name on the cluster); answers the
   * offset of the first. Rejects with a NeverSentError where it is certain that nothing left this process.
   */
  append(topic: string, partition: number, records: readonly OutgoingRecord[], bytes: number): Promise<number>;
}

interface Append extends QueuedAppend {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly OutgoingRecord[];
  readonly resolve: (firstOffset: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Acknowledged by all in-sync replicas. */
const ACKS_ALL = -1;
const require = createRequire(import.meta.url);

/** Produce requests on kafkajs's connections: appends to the partitions of one leader share them, and none is attempted twice. */
export function createRecordTransport(client: Pick<KafkaClient, 'createProducerCluster'>): RecordTransport {
  return new ClusterTransport(client.createProducerCluster());
}

class ClusterTransport implements RecordTransport {
  readonly #cluster: KafkajsCluster;
  readonly #sockets: SocketCount;
  readonly #known = new Set<string>();
  readonly #queues = new Map<number, LeaderQueue<Append>>();

  constructor({ cluster, sockets }: ReturnType<KafkaClient['createProducerCluster']>) {
    this.#cluster = cluster;
    this.#sockets = sockets;
  }

  connect(): Promise<void> {
    return this.#cluster.connect();
  }

  disconnect(): Promise<void> {
    return this.#cluster.disconnect();
  }

  async append(topic: string, partition: number, records: readonly OutgoingRecord[], bytes: number): Promise<number> {
    const leader = await this.#findLeader(topic, partition);
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const place = placeOf(topic, partition);
    this.#queueOf(leader).add({ place, topic, partition, records, bytes, resolve, reject });
    return promise;
  }

  async #findLeader(topic: string, partition: number): Promise<number> {
    try {
      if (!this.#known.has(topic)) await this.#meet(topic);
      const partitions = this.#cluster.findTopicPartitionMetadata(topic);
      const found = partitions.find(({ partitionId }) => partitionId === partition);
      if (found === undefined || found.leader < 0) throw new Error(`${placeOf(topic, partition)} has no leader`);
      return found.leader;
    } catch (error) {
      await this.#recover(error);
      throw new NeverSentError(error);
    }
  }

  async #meet(topic: string): Promise<void> {
    if (!this.#cluster.isConnected()) await this.#cluster.connect();
    await this.#cluster.addMultipleTargetTopics([topic]);
    this.#known.add(topic);
  }

  #queueOf(leader: number): LeaderQueue<Append> {
    const existing = this.#queues.get(leader);
    if (existing !== undefined) return existing;
    const queue = new LeaderQueue<Append>((appends) => this.#send(leader, appends));
    this.#queues.set(leader, queue);
    return queue;
  }

  async #send(leader: number, appends: readonly Append[]): Promise<void> {
    const openedBefore = this.#sockets.openedCount;
    const wasConnected = this.#sockets.openCount > 0;
    try {
      settle(appends, await this.#produce(leader, appends));
    } catch (error) {
      const answer = answerOf(error);
      const mayBeSent = wasConnected || this.#sockets.openedCount > openedBefore;
      const reason = mayBeSent ? error : new NeverSentError(error);
      if (answer !== null) settle(appends, answer);
      else for (const append of appends) append.reject(reason);
      await this.#recover(error);
    }
  }

  async #produce(nodeId: number, appends: readonly Append[]): Promise<ProduceAnswer> {
    const broker = await this.#cluster.findBroker({ nodeId });
    return broker.produce({ acks: ACKS_ALL, timeout: PRODUCE_ACK_TIMEOUT_MS, topicData: topicDataOf(appends) });
  }

  /** Connections and leaders anew, before anything more is sent. What fails of it fails the next append too, which is told. */
  async #recover(error: unknown): Promise<void> {
    try {
      if (isClosed(error)) this.#cluster.removeBroker(error);
      if (!this.#cluster.isConnected()) await this.#cluster.connect();
      await this.#cluster.refreshMetadata();
    } catch {
      // kafkajs has logged it
    }
  }
}

function topicDataOf(appends: readonly Append[]) {
  const byTopic = Map.groupBy(appends, ({ topic }) => topic);
  return Array.from(byTopic, ([topic, parts]) => ({
    topic,
    partitions: parts.map(({ partition, records }) => ({ partition, messages: toMessages(records, partition) })),
  }));
}

function settle(appends: readonly Append[], { topics }: ProduceAnswer): void {
  const partitions = new Map(
    topics.flatMap(({ topicName, partitions }) =>
      partitions.map((partition) => [placeOf(topicName, partition.partition), partition] as const),
    ),
  );
  for (const { place, resolve, reject } of appends) {
    const told = partitions.get(place);
    if (told === undefined) reject(new Error(`the broker said nothing of ${place}`));
    else if (told.errorCode !== 0) reject(errorOf(told.errorCode));
    else resolve(Number(told.baseOffset));
  }
}

function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** kafkajs's error of a Kafka error code. */
function errorOf(code: number): Error {
  const errors = require('kafkajs/src/protocol/error.js') as { createErrorFromCode(code: number): Error }; // an internal file without types
  return errors.createErrorFromCode(code);
}

function isClosed(error: unknown): error is Error & { readonly host: string; readonly port: number } {
  return error instanceof Error && error.name === 'KafkaJSConnectionClosedError';
}
