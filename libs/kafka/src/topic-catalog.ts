import { TOPIC_NAMES, type PrivateTopicName, type TopicName } from '@chat/kafka-contracts';
import { pause, withDeadline, type HealthCheck, type Logger, type Service } from '@chat/service-kit';
import type { Admin, ConfigResourceTypes, ITopicMetadata } from 'kafkajs';
import { withAdvice } from './broker-advice.ts';
import type { KafkaClient } from './client.ts';
import { fetchLogRanges } from './log-ends.ts';
import { retryPassing } from './retry-passing.ts';
import { FACT_SETTINGS, isWeak, leaderlessOf, settingsOf, topicFactsOf, type TopicFacts } from './topic-facts.ts';
import { parseTopicLayout, planTopics, type AnyTopic, type TopicPlan } from './topic-layout.ts';

/** Longest wait for missing topics to appear, in ms. */
const TOPICS_DEADLINE_MS = 30_000;
/** Longest wait for brokers that do not know a new topic yet, in ms. */
const LEADERS_DEADLINE_MS = 10_000;
/** Time between two looks while topics are missing, in ms. */
const TOPICS_POLL_MS = 100;
/** Longest that the brokers may take to create topics, in ms. */
const CREATE_TIMEOUT_MS = 10_000;
/** `ConfigResourceTypes.TOPIC`, which Node cannot import by name: kafkajs is CommonJS and only some of its exports are found. */
const TOPIC_RESOURCE: ConfigResourceTypes = 2;
/** Longest wait for what is still asked at stop, in ms. */
const DISCONNECT_DEADLINE_MS = 1_000;

export interface TopicCatalogOptions {
  readonly client: KafkaClient;
  readonly logger: Logger;
  /** Replicas of topics that it creates. */
  readonly replicas: number;
  /** `KAFKA_TOPIC_LAYOUT`. */
  readonly topicLayout: string;
  /** Those of this app's own; none where left out. */
  readonly privateTopics?: readonly PrivateTopicName[];
  /** Whether missing topics are created; otherwise it waits for them and fails after 30 s. */
  readonly createTopics: boolean;
  /** Longest wait for missing topics to appear, in ms. */
  readonly topicsDeadlineMs?: number;
}

/**
 * The topics of the system as the cluster has them. `start` creates what is missing (again: no change; several instances
 * at once: no error), waits until every topic is there and learns partitions and promises. Existing topics are never
 * altered.
 */
export class TopicCatalog implements Service {
  readonly name = 'topic catalog';
  readonly #client: KafkaClient;
  readonly #logger: Logger;
  readonly #options: TopicCatalogOptions;
  readonly #plans: readonly TopicPlan[];
  readonly #admin: Admin;
  readonly #facts = new Map<AnyTopic, TopicFacts>();
  readonly #stopping = new AbortController();
  #checking: Promise<Readonly<Record<string, TopicFacts>>> | null = null;

  constructor(options: TopicCatalogOptions) {
    const layout = parseTopicLayout(options.topicLayout);
    if (!layout.ok) throw new RangeError(`KAFKA_TOPIC_LAYOUT: ${layout.problem}`);
    this.#options = options;
    this.#client = options.client;
    this.#logger = options.logger;
    this.#plans = planTopics(layout.layout, options.replicas, options.privateTopics);
    this.#admin = options.client.createAdmin();
  }

  async start(): Promise<void> {
    await this.#connect();
    if (this.#options.createTopics) await this.#createMissing();
    const metadata = await this.#awaitTopics();
    await this.#learn(metadata);
    this.#warnAboutWeakTopics();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await withDeadline(this.#admin.disconnect(), DISCONNECT_DEADLINE_MS, 'disconnecting the topic catalog');
  }

  /** How many partitions the topic has. Throws before `start` has finished. */
  partitionCount(topic: AnyTopic): number {
    return this.#factsOf(topic).partitions;
  }

  /** The topic as the cluster has it: its name there, and how many partitions. Throws before `start` has finished. */
  describe(topic: AnyTopic): { readonly name: string; readonly partitionCount: number } {
    return { name: this.#client.topicName(topic), partitionCount: this.partitionCount(topic) };
  }

  /** The offset behind the last record of each partition, now; 0 where it has none. */
  async listEnds(topic: TopicName): Promise<ReadonlyMap<number, number>> {
    const ranges = await fetchLogRanges(this.#admin, this.#client.topicName(topic));
    return new Map([...ranges].map(([partition, { start, end }]) => [partition, start === end ? 0 : end]));
  }

  /**
   * How long a record of the topic may live, in ms, as the cluster has it now; Infinity is for ever. Kafka removes whole segments, and
   * the first record of one waits for the last: so that is `retention.ms` and `segment.ms`.
   */
  async readRecordLifeMs(topic: TopicName): Promise<number> {
    const name = this.#client.topicName(topic);
    const configNames = ['retention.ms', 'segment.ms'];
    const answer = await this.#admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: TOPIC_RESOURCE, name, configNames }],
    });
    const settings = settingsOf(answer, name);
    const [retentionMs = Infinity, segmentMs = Infinity] = configNames.map((each) =>
      Number(settings.get(each) ?? Infinity),
    );
    return retentionMs < 0 ? Infinity : retentionMs + segmentMs;
  }

  /** The topic's own `max.message.bytes`. Throws before `start` has finished. */
  maxMessageBytes(topic: AnyTopic): number {
    return this.#factsOf(topic).maxMessageBytes;
  }

  /**
   * Ready while the brokers answer, every partition has a leader and no topic changed its partition count since start (a
   * key's partition would move, and with it the order of a room). Its details are the topics' promises.
   */
  check(): HealthCheck {
    return { name: 'kafka', check: () => (this.#checking ??= this.#look().finally(() => (this.#checking = null))) };
  }

  #factsOf(topic: AnyTopic): TopicFacts {
    const facts = this.#facts.get(topic);
    if (facts === undefined) throw new Error(`the topic catalog does not know ${topic} yet`);
    return facts;
  }

  async #connect(): Promise<void> {
    try {
      await this.#admin.connect();
    } catch (error) {
      throw withAdvice(error);
    }
  }

  async #createMissing(): Promise<void> {
    const existing = new Set(await this.#admin.listTopics());
    const missing = this.#plans.filter(({ topic }) => !existing.has(this.#client.topicName(topic)));
    if (missing.length === 0) return;
    await this.#create(missing);
    this.#logger.info({ topics: missing.map(({ topic }) => topic) }, 'topics created');
  }

  async #create(plans: readonly TopicPlan[]): Promise<void> {
    try {
      await this.#admin.createTopics({
        waitForLeaders: false,
        timeout: CREATE_TIMEOUT_MS,
        topics: plans.map(({ topic, partitions, replicas, config }) => ({
          topic: this.#client.topicName(topic),
          numPartitions: partitions,
          replicationFactor: replicas,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        })),
      });
    } catch (error) {
      if (!hasType(error, 'INVALID_REPLICATION_FACTOR')) throw error;
      const replicas = Math.max(...plans.map((plan) => plan.replicas));
      throw new Error(`the cluster has fewer than ${replicas} brokers; set KAFKA_REPLICAS to what it has`, {
        cause: error,
      });
    }
  }

  async #awaitTopics(): Promise<ReadonlyMap<AnyTopic, ITopicMetadata>> {
    const endAt = performance.now() + (this.#options.topicsDeadlineMs ?? TOPICS_DEADLINE_MS);
    for (;;) {
      const existing = new Set(await this.#admin.listTopics());
      const missing = this.#plans
        .map(({ topic }) => this.#client.topicName(topic))
        .filter((name) => !existing.has(name));
      if (missing.length === 0) return retryPassing(() => this.#metadata(), LEADERS_DEADLINE_MS);
      if (performance.now() > endAt || this.#stopping.signal.aborted) {
        throw new Error(`topics are missing: ${missing.join(', ')}`);
      }
      await pause(TOPICS_POLL_MS, this.#stopping.signal);
    }
  }

  async #metadata(): Promise<ReadonlyMap<AnyTopic, ITopicMetadata>> {
    const names = new Map(this.#plans.map(({ topic }) => [this.#client.topicName(topic), topic]));
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [...names.keys()] });
    return new Map(
      topics.flatMap((metadata) => {
        const topic = names.get(metadata.name);
        return topic === undefined ? [] : [[topic, metadata] as const];
      }),
    );
  }

  async #learn(metadata: ReadonlyMap<AnyTopic, ITopicMetadata>): Promise<void> {
    const answer = await this.#admin.describeConfigs({
      includeSynonyms: false,
      resources: this.#plans.map(({ topic }) => ({
        type: TOPIC_RESOURCE,
        name: this.#client.topicName(topic),
        configNames: [...FACT_SETTINGS],
      })),
    });
    for (const [topic, found] of metadata) {
      this.#facts.set(topic, topicFactsOf(found, settingsOf(answer, this.#client.topicName(topic))));
    }
  }

  #warnAboutWeakTopics(): void {
    const weak = TOPIC_NAMES.filter((topic) => isWeak(this.#factsOf(topic)));
    if (weak.length === 0) return;
    this.#logger.warn({ topics: weak }, 'an acknowledged record of these topics can be lost with one broker');
  }

  async #look(): Promise<Readonly<Record<string, TopicFacts>>> {
    for (const [topic, found] of await this.#metadata()) {
      const [count, expected] = [found.partitions.length, this.partitionCount(topic)];
      if (count !== expected) throw new Error(`${topic} has ${count} partitions, at start it had ${expected}`);
      const [orphan] = leaderlessOf(found);
      if (orphan !== undefined) throw new Error(`partition ${orphan} of ${topic} has no leader`);
    }
    return Object.fromEntries(TOPIC_NAMES.map((topic) => [topic, this.#factsOf(topic)]));
  }
}

/** Whether the error, or one that it collects, is the broker's of this name. */
function hasType(error: unknown, type: string): boolean {
  if (!(error instanceof Error)) return false;
  if ('type' in error && error.type === type) return true;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some((one) => hasType(one, type));
  return hasType(error.cause, type);
}
