import { randomUUID } from 'node:crypto';
import type { AnyTopic } from './topic-layout.ts';
import type { Logger } from '@chat/service-kit';
import { Kafka, type Admin, type Consumer, type ConsumerConfig, type KafkaConfig, type Producer } from 'kafkajs';
import { connectionSecurity, type BrokerSecurity } from './broker-security.ts';
import { BrokerSockets } from './broker-sockets.ts';
import { KAFKAJS_LOG_LEVEL, kafkaLogCreator } from './client-log.ts';
import { createCluster, type KafkajsCluster } from './kafkajs-cluster.ts';
import { guardKafkajs } from './kafkajs-guards.ts';
import { SocketCount } from './socket-count.ts';

/** Longest wait for a TCP connection to a broker, in ms. */
const CONNECTION_TIMEOUT_MS = 2_000;
/** Longest wait for a broker's answer to a produce request, in ms: above `PRODUCE_ACK_TIMEOUT_MS`, below the publisher's deadline. */
const PRODUCE_REQUEST_TIMEOUT_MS = 3_500;
/** Longest that a broker may wait for its replicas before it answers a produce request, in ms. */
export const PRODUCE_ACK_TIMEOUT_MS = 3_000;
/** After this long the brokers abort a transaction that nobody ends, in ms: until then it hides what is behind it from readers. */
export const TRANSACTION_TIMEOUT_MS = 5_000;
/** Longest wait for a broker's answer to any other request, in ms; joins and fetches have longer ones of their own. */
const REQUEST_TIMEOUT_MS = 5_000;
/** Creating topics takes brokers longer than anything else, in ms. */
const ADMIN_REQUEST_TIMEOUT_MS = 15_000;
/**
 * How long a connection may answer nothing of what it was asked, in ms: longer than brokers ever hold a request (acks, joins,
 * new topics). kafkajs gives a late request up, but would ask on the same connection for ever, which may be dead.
 */
const PRODUCER_SILENCE_MS = 4_000;
const CONSUMER_SILENCE_MS = 10_000;
const ADMIN_SILENCE_MS = 12_000;

/** A producer retries in the publisher, which knows the deadline, so kafkajs itself gives up at once. */
const PRODUCER_RETRY = { initialRetryTime: 50, maxRetryTime: 250, retries: 1 } as const;
/** A new transactional producer is told to come again until the transaction of the one before is ended; its sends are attempted once. */
const TRANSACTION_RETRY = { initialRetryTime: 20, maxRetryTime: 200, retries: 10 } as const;
/** Consumers reconnect after at most 2 s; when the retries are used up kafkajs starts the consumer anew. */
const CONSUMER_RETRY = { initialRetryTime: 200, maxRetryTime: 2_000, retries: 8 } as const;
const ADMIN_RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 } as const;

export interface KafkaClientOptions extends BrokerSecurity {
  /** `host:port` of the brokers to start from. */
  readonly brokers: readonly string[];
  /** Name of this process in the brokers' logs and quotas. */
  readonly clientId: string;
  /** Put before the name of every topic and consumer group, so that several stacks share a cluster; may be empty. */
  readonly topicPrefix: string;
  readonly logger: Logger;
}

/**
 * How to reach the cluster, and the one place that makes kafkajs objects. Every producer, consumer and admin gets a
 * `Kafka` of its own: kafkajs keeps committed offsets per `Kafka` and group, so two consumers of one group would
 * overwrite each other's.
 */
export class KafkaClient {
  readonly #options: KafkaClientOptions;

  /** Throws a ConfigError where the settings of TLS and SASL do not fit together. */
  constructor(options: KafkaClientOptions) {
    connectionSecurity(options);
    this.#options = options;
    guardKafkajs();
  }

  /** The topic's name on the cluster: prefix and name. */
  topicName(topic: AnyTopic): string {
    return `${this.#options.topicPrefix}${topic}`;
  }

  /** The consumer group's name on the cluster: prefix and name, so that stacks with prefixes of their own share no group. */
  groupName(groupId: string): string {
    return `${this.#options.topicPrefix}${groupId}`;
  }

  /** A transactional id that no other producer has: prefix, `chat-` for an ACL to go by, name of this process and something random. */
  transactionalId(): string {
    return `${this.#options.topicPrefix}chat-${this.#options.clientId}-${randomUUID()}`;
  }

  /**
   * For the files of this library; for whatever goes to one partition. Neither idempotent nor transactional: DESIGN §5.1 says
   * why. Several partitions together have a producer of their own.
   */
  createProducerCluster(): { readonly cluster: KafkajsCluster; readonly sockets: SocketCount } {
    const sockets = new SocketCount();
    const kafka = this.#kafka(PRODUCE_REQUEST_TIMEOUT_MS, PRODUCER_RETRY, socketsOf(PRODUCER_SILENCE_MS, sockets));
    return { cluster: createCluster(kafka), sockets };
  }

  /**
   * For the files of this library. kafkajs makes everything that is sent in a transaction idempotent; `idempotent` itself
   * would only ask for a second producer id, for sends outside of one.
   */
  createTransactionalProducer(transactionalId: string): {
    readonly producer: Producer;
    readonly sockets: BrokerSockets;
  } {
    const sockets = socketsOf(PRODUCER_SILENCE_MS);
    const producer = this.#kafka(PRODUCE_REQUEST_TIMEOUT_MS, TRANSACTION_RETRY, sockets).producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      transactionalId,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      maxInFlightRequests: 1,
      createPartitioner: () => explicitPartition,
      retry: { ...TRANSACTION_RETRY, retries: 0 },
    });
    return { producer, sockets };
  }

  /** For the files of this library. */
  createConsumer(config: Omit<ConsumerConfig, 'allowAutoTopicCreation' | 'retry'>): Consumer {
    return this.#kafka(REQUEST_TIMEOUT_MS, CONSUMER_RETRY, socketsOf(CONSUMER_SILENCE_MS)).consumer({
      ...config,
      allowAutoTopicCreation: false,
      retry: CONSUMER_RETRY,
    });
  }

  /** For the files of this library. */
  createAdmin(): Admin {
    return this.#kafka(ADMIN_REQUEST_TIMEOUT_MS, ADMIN_RETRY, socketsOf(ADMIN_SILENCE_MS)).admin({
      retry: ADMIN_RETRY,
    });
  }

  #kafka(requestTimeout: number, retry: NonNullable<KafkaConfig['retry']>, sockets: BrokerSockets): Kafka {
    return new Kafka({
      brokers: [...this.#options.brokers],
      clientId: this.#options.clientId,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout,
      enforceRequestTimeout: true,
      retry,
      socketFactory: sockets.create,
      ...connectionSecurity(this.#options),
      logLevel: KAFKAJS_LOG_LEVEL,
      logCreator: kafkaLogCreator(this.#options.logger),
    });
  }
}

function socketsOf(maxSilenceMs: number, count = new SocketCount()): BrokerSockets {
  return new BrokerSockets({ count, maxSilenceMs });
}

function explicitPartition({ message }: { message: { partition?: number } }): number {
  if (message.partition === undefined) throw new TypeError('a record was published without its partition');
  return message.partition;
}
