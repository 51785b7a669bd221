import type { BrokerFault, ClusterInspection, InspectedTopic, TopicFault, TopicHarm } from '@chat/kafka';
import { findingsOf, type Finding } from './finding.ts';

const kafka = findingsOf('kafka');

export interface KafkaSituation {
  readonly inspection: ClusterInspection;
  /** Whether apps create topics that are missing. */
  readonly createTopics: boolean;
}

/** What the brokers and topics are like, judged by the rules of `@chat/kafka`. */
export function judgeKafka({ inspection, createTopics }: KafkaSituation): readonly Finding[] {
  const { brokers, brokerFaults, topics } = inspection;
  const server = brokers[0]?.address ?? '';
  const isToCome = ({ facts }: InspectedTopic) => createTopics && facts === null;
  const isFaulty = ({ faults }: InspectedTopic) => faults.some(({ kind }) => kind !== 'ONE_BROKER');
  const faulty = topics.filter(isFaulty);
  return [
    kafka.ok(`${count(brokers.length, 'broker')} answer: ${brokers.map(({ address }) => address).join(', ')}`),
    ...brokerFaults.map((fault) => judgeBroker(fault, server)),
    ...(faulty.length === 0 ? [kafka.ok(`all ${topics.length} topics are as the apps would make them`)] : []),
    ...judgeMissing(topics.filter(isToCome)),
    ...faulty.filter((topic) => !isToCome(topic)).flatMap((topic) => judgeTopic(topic, server)),
    ...judgeWeakness(topics),
  ];
}

function judgeBroker({ broker, setting, wanted, found }: BrokerFault, server: string): Finding {
  return kafka.warning(
    `broker ${broker} has ${setting}=${found}: a gateway that dies in a transaction blinds the readers of its partitions for so long`,
    `Set ${setting}=${wanted} in the broker's server.properties (bootstrap: ${server}) and restart it.`,
  );
}

/** Told together, since apps make them together. */
function judgeMissing(topics: readonly InspectedTopic[]): readonly Finding[] {
  if (topics.length === 0) return [];
  const names = topics.map(({ topic }) => topic).join(', ');
  const remedy = 'Any app makes what is missing when it starts. Where apps run and miss it, restart them.';
  return [kafka.warning(`${count(topics.length, 'topic')} missing: ${names}`, remedy)];
}

function judgeTopic({ topic, plan, faults }: InspectedTopic, server: string): readonly Finding[] {
  return faults.flatMap((fault) => {
    if (fault.kind === 'ONE_BROKER') return [];
    const level = fault.harm === 'DIFFERS' ? 'warning' : 'error';
    return [kafka[level](`${topic} ${describe(fault)}`, remedyOf(fault, topic, plan, server))];
  });
}

const CONSEQUENCES: Readonly<Record<TopicHarm, string>> = {
  STOPS: 'nothing can be written to it',
  LOSES: 'messages that were acknowledged can be lost',
  DIFFERS: 'apps would make it otherwise',
  WEAK: 'all hangs on one broker',
};

/** A fault that a topic has for itself. */
type TopicFaultAlone = Exclude<TopicFault, { kind: 'ONE_BROKER' }>;

function describe(fault: TopicFaultAlone): string {
  switch (fault.kind) {
    case 'MISSING':
      return 'is missing';
    case 'LEADERLESS':
      return `has no leader for partition ${fault.partitions.join(', ')}: they can be neither written nor read`;
    case 'PARTITIONS':
      return `has ${count(fault.found, 'partition')}, configured are ${fault.wanted}`;
    case 'REPLICAS':
      return `has ${count(fault.found, 'replica')}, configured are ${fault.wanted}: ${CONSEQUENCES[fault.harm]}`;
    case 'SETTING':
      return `has ${fault.setting}=${fault.found}, not ${fault.wanted}: ${CONSEQUENCES[fault.harm]}`;
  }
}

function remedyOf(
  fault: TopicFaultAlone,
  topic: string,
  { topic: name, partitions, replicas, config }: InspectedTopic['plan'],
  server: string,
): string {
  switch (fault.kind) {
    case 'MISSING': {
      const settings = Object.entries(config).map(([setting, value]) => `--config ${setting}=${value}`);
      return `kafka-topics.sh --bootstrap-server ${server} --create --topic ${topic} --partitions ${partitions} --replication-factor ${replicas} ${settings.join(' ')}`;
    }
    case 'LEADERLESS':
      return 'Bring the brokers back that hold these partitions.';
    case 'PARTITIONS':
      return `Where this is wanted, say so: KAFKA_TOPIC_LAYOUT=${name}:${fault.found}. Never add partitions to a topic with records: keys would move, and the order of rooms with them.`;
    case 'REPLICAS':
      return `Give it ${replicas} replicas with kafka-reassign-partitions.sh, or set KAFKA_REPLICAS to what the cluster has.`;
    case 'SETTING':
      return `kafka-configs.sh --bootstrap-server ${server} --alter --entity-type topics --entity-name ${topic} --add-config ${fault.setting}=${fault.wanted}`;
  }
}

/** Told once for all topics, since it is configured once for all. */
function judgeWeakness(topics: readonly InspectedTopic[]): readonly Finding[] {
  const weak = topics.filter(({ faults }) => faults.some(({ kind }) => kind === 'ONE_BROKER'));
  if (weak.length === 0) return [];
  return [
    kafka.warning(
      `an acknowledged record of ${weak.length} of ${topics.length} topics can be lost with one broker, as configured`,
      'Run three brokers with KAFKA_REPLICAS=3 where messages matter.',
    ),
  ];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
