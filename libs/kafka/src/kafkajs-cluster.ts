import type { Kafka, Message } from 'kafkajs';

/** The answer to a produce request: what became of each of its partitions. */
export interface ProduceAnswer {
  readonly topics: ReadonlyArray<{
    readonly topicName: string;
    readonly partitions: ReadonlyArray<{
      readonly partition: number;
      /** 0 where the records are appended. */
      readonly errorCode: number;
      /** As text, of 64 bits. */
      readonly baseOffset: string;
    }>;
  }>;
}

export interface ProduceRequest {
  readonly acks: number;
  /** Longest that the broker may wait for its replicas, in ms. */
  readonly timeout: number;
  readonly topicData: ReadonlyArray<{
    readonly topic: string;
    readonly partitions: ReadonlyArray<{ readonly partition: number; readonly messages: readonly Message[] }>;
  }>;
}

/** A broker as kafkajs knows it. */
export interface KafkajsBroker {
  /** Rejects with the first partition's error where one was refused, which then carries the answer (`answerOf`). */
  produce(request: ProduceRequest): Promise<ProduceAnswer>;
}

/** What this library uses of the cluster behind a kafkajs client: connections, and who leads which partition. */
export interface KafkajsCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  /** Topics whose leaders are to be known; asks the brokers where one is new. */
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  removeBroker(address: { readonly host: string; readonly port: number }): void;
  /** Throws before the topic is known. */
  findTopicPartitionMetadata(topic: string): ReadonlyArray<{ readonly partitionId: number; readonly leader: number }>;
  /** Connects to it where that is not done. */
  findBroker(options: { readonly nodeId: number }): Promise<KafkajsBroker>;
}

type CreateCluster = (options: { allowAutoTopicCreation: boolean; metadataMaxAge: number }) => unknown;

const METADATA_MAX_AGE_MS = 300_000;

/** A cluster of its own, made as kafkajs makes that of a producer; the way to it is private there. */
export function createCluster(kafka: Kafka): KafkajsCluster {
  const name = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (name === undefined) throw new Error('kafkajs makes its clusters in another way');
  const create = (kafka as unknown as Record<symbol, CreateCluster>)[name]; // without a type, since it is private
  return create?.({ allowAutoTopicCreation: false, metadataMaxAge: METADATA_MAX_AGE_MS }) as KafkajsCluster;
}

const ANSWER = Symbol('answer');

/** Rejects as `parse` does, with the whole answer on the error. */
export async function parseWithAnswer<Answer>(parse: (answer: Answer) => Promise<Answer>, answer: Answer) {
  try {
    return await parse(answer);
  } catch (error) {
    throw Object.assign(error as Error, { [ANSWER]: answer }); // kafkajs throws Errors alone
  }
}

/** What a broker said of each partition, where it refused one. */
export function answerOf(error: unknown): ProduceAnswer | null {
  const { [ANSWER]: answer } = error as { [ANSWER]?: ProduceAnswer };
  return answer ?? null;
}
