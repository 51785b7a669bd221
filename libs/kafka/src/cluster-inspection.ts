import { withDeadline } from '@chat/service-kit';
import type { Admin, ConfigResourceTypes } from 'kafkajs';
import type { KafkaClient } from './client.ts';
import { leaderlessOf, settingsOf, topicFactsOf, FACT_SETTINGS, type TopicFacts } from './topic-facts.ts';
import { findTopicFaults, judgedSettings, type FoundTopic, type TopicFault } from './topic-faults.ts';
import { parseTopicLayout, planTopics, type TopicPlan } from './topic-layout.ts';

/** `ConfigResourceTypes`, which Node cannot import by name: kafkajs is CommonJS and only some of its exports are found. */
const TOPIC_RESOURCE: ConfigResourceTypes = 2;
const BROKER_RESOURCE: ConfigResourceTypes = 4;

/** How often brokers look for transactions that nobody ends, and the most that it may be, in ms: until then readers are blind behind one. */
const TRANSACTION_LOOK = 'transaction.abort.timed.out.transaction.cleanup.interval.ms';
const TRANSACTION_LOOK_MAX_MS = 1_000;
/** Longest wait for the connection to end, in ms. */
const DISCONNECT_DEADLINE_MS = 1_000;

export interface ClusterInspectionOptions {
  readonly client: KafkaClient;
  /** The values of `kafkaSettings`, by the same names. */
  readonly replicas: number;
  readonly topicLayout: string;
}

/** A topic, with its name on the cluster, how apps would make it, and all by which it is not what they rely on. */
export interface InspectedTopic {
  readonly topic: string;
  readonly plan: TopicPlan;
  readonly faults: readonly TopicFault[];
  /** Null where the cluster has no such topic. */
  readonly facts: TopicFacts | null;
}

/** A setting of a broker that is not what the apps rely on. */
export interface BrokerFault {
  readonly broker: number;
  readonly setting: string;
  readonly wanted: string;
  readonly found: string;
}

export interface ClusterInspection {
  readonly brokers: readonly { readonly nodeId: number; readonly address: string }[];
  readonly brokerFaults: readonly BrokerFault[];
  readonly topics: readonly InspectedTopic[];
}

/** Looks at brokers and topics as `TopicCatalog` does, and changes nothing. Rejects where the brokers do not answer. */
export async function inspectCluster(options: ClusterInspectionOptions): Promise<ClusterInspection> {
  const admin = options.client.createAdmin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    return {
      brokers: brokers.map(({ nodeId, host, port }) => ({ nodeId, address: `${host}:${port}` })),
      brokerFaults: await inspectBrokers(
        admin,
        brokers.map(({ nodeId }) => nodeId),
      ),
      topics: await inspectTopics(admin, options),
    };
  } finally {
    await withDeadline(admin.disconnect(), DISCONNECT_DEADLINE_MS, 'disconnecting').catch(() => undefined); // all is said
  }
}

async function inspectBrokers(admin: Admin, nodeIds: readonly number[]): Promise<readonly BrokerFault[]> {
  const answer = await admin.describeConfigs({
    includeSynonyms: false,
    resources: nodeIds.map((id) => ({ type: BROKER_RESOURCE, name: String(id), configNames: [TRANSACTION_LOOK] })),
  });
  return nodeIds.flatMap((broker) => {
    const found = settingsOf(answer, String(broker)).get(TRANSACTION_LOOK);
    if (found === undefined || Number(found) <= TRANSACTION_LOOK_MAX_MS) return [];
    return [{ broker, setting: TRANSACTION_LOOK, wanted: String(TRANSACTION_LOOK_MAX_MS), found }];
  });
}

async function inspectTopics(
  admin: Admin,
  { client, replicas, topicLayout }: ClusterInspectionOptions,
): Promise<readonly InspectedTopic[]> {
  const layout = parseTopicLayout(topicLayout);
  if (!layout.ok) throw new RangeError(`KAFKA_TOPIC_LAYOUT: ${layout.problem}`);
  const plans = planTopics(layout.layout, replicas).map((plan) => ({ plan, name: client.topicName(plan.topic) }));
  const existing = new Set(await admin.listTopics());
  const found = await findTopics(
    admin,
    plans.filter(({ name }) => existing.has(name)),
  );
  return plans.map(({ plan, name }) => {
    const topic = found.get(name) ?? null;
    return { topic: name, plan, faults: findTopicFaults(plan, topic), facts: topic && topic.facts };
  });
}

async function findTopics(
  admin: Admin,
  plans: readonly { readonly plan: TopicPlan; readonly name: string }[],
): Promise<ReadonlyMap<string, FoundTopic>> {
  if (plans.length === 0) return new Map(); // asked for no topic in particular, kafkajs tells of all
  const { topics } = await admin.fetchTopicMetadata({ topics: plans.map(({ name }) => name) });
  const answer = await admin.describeConfigs({
    includeSynonyms: false,
    resources: plans.map(({ plan, name }) => ({
      type: TOPIC_RESOURCE,
      name,
      configNames: [...new Set([...FACT_SETTINGS, ...judgedSettings(plan)])],
    })),
  });
  return new Map(
    topics.map((metadata) => {
      const settings = settingsOf(answer, metadata.name);
      const facts = topicFactsOf(metadata, settings);
      return [metadata.name, { facts, leaderless: leaderlessOf(metadata), settings }];
    }),
  );
}
