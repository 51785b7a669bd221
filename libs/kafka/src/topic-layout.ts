import {
  DEAD_LETTER_CONFIG,
  DEAD_LETTER_PARTITIONS,
  deadLetterTopicOf,
  PRIVATE_TOPICS,
  TOPIC_NAMES,
  TOPICS,
  type DeadLetterTopicName,
  type PrivateTopicName,
  type TopicName,
} from '@chat/kafka-contracts';

/** Most partitions one topic may be given. */
export const TOPIC_PARTITIONS_MAX = 10_000;
/** Most replicas one topic may be given. */
export const TOPIC_REPLICAS_MAX = 9;
/** Replicas from which an acknowledgement can ask for two of them and still survive the loss of a broker. */
const REPLICAS_FOR_MIN_INSYNC_2 = 3;
/** Largest batch of a dead-letter topic, in bytes: a record as large as its source allows plus the headers that say why. */
const DEAD_LETTER_MAX_MESSAGE_BYTES = 2_097_152;

export type AnyTopic = TopicName | DeadLetterTopicName | PrivateTopicName;

/** Partitions, replicas or both of a topic, where configuration differs from the defaults. */
export type TopicLayout = ReadonlyMap<AnyTopic, TopicSize>;
interface TopicSize {
  readonly partitions?: number;
  readonly replicas?: number;
}

/** One topic as it should be created; without the prefix. */
export interface TopicPlan {
  readonly topic: AnyTopic;
  readonly partitions: number;
  readonly replicas: number;
  /** Kafka's own topic settings. */
  readonly config: Readonly<Record<string, string>>;
}

const ENTRY = /^([a-z.-]+):(?:([0-9]{1,5})(?::([0-9]{1,2}))?|:([0-9]{1,2}))$/;
const PUBLIC_TOPICS: readonly AnyTopic[] = [...TOPIC_NAMES, ...TOPIC_NAMES.map(deadLetterTopicOf)];
const ALL_TOPICS: readonly AnyTopic[] = [...PUBLIC_TOPICS, ...(Object.keys(PRIVATE_TOPICS) as PrivateTopicName[])]; // Object.keys forgets the keys of a const object

/**
 * Reads `chat-messages:12:3,room-events:3,session-events::2`: topic, partitions, replicas, of which one may be left out; the
 * empty text changes nothing.
 */
export function parseTopicLayout(
  text: string,
): { readonly ok: true; readonly layout: TopicLayout } | { readonly ok: false; readonly problem: string } {
  const layout = new Map<AnyTopic, TopicSize>();
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  for (const entry of entries) {
    const match = ENTRY.exec(entry);
    if (match === null)
      return { ok: false, problem: `"${entry}" is not topic:partitions[:replicas] or topic::replicas` };
    const topic = ALL_TOPICS.find((name) => name === match[1]);
    if (topic === undefined) return { ok: false, problem: `"${match[1]}" is no topic of this system` };
    const partitions = numberOf(match[2]);
    const replicas = numberOf(match[3] ?? match[4]);
    const fewest = isPrivate(topic) ? PRIVATE_TOPICS[topic].minPartitions : 1;
    if (partitions !== undefined && (partitions < fewest || partitions > TOPIC_PARTITIONS_MAX)) {
      return { ok: false, problem: `${topic} needs ${fewest} to ${TOPIC_PARTITIONS_MAX} partitions` };
    }
    if (replicas !== undefined && (replicas < 1 || replicas > TOPIC_REPLICAS_MAX)) {
      return { ok: false, problem: `${topic} needs 1 to ${TOPIC_REPLICAS_MAX} replicas` };
    }
    if (layout.has(topic)) return { ok: false, problem: `${topic} is named twice` };
    layout.set(topic, { ...(partitions !== undefined && { partitions }), ...(replicas !== undefined && { replicas }) });
  }
  return { ok: true, layout };
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

const SIZE = /^(.+)\.(partitions|replicas)$/;

/**
 * The same text from properties such as `chat-messages.partitions` and `chat-messages.replicas`, behind the one that is
 * given besides. What is neither of the two stands there as it is, and `parseTopicLayout` refuses it.
 */
export function topicLayoutText(given: string | undefined, properties: ReadonlyMap<string, string>): string {
  const sizes = new Map<string, { partitions?: string; replicas?: string }>();
  const entries = given === undefined ? [] : [given];
  for (const [name, value] of properties) {
    const [, topic, size] = SIZE.exec(name) ?? [];
    if (topic === undefined) entries.push(`${name}=${value}`);
    else sizes.set(topic, { ...sizes.get(topic), [size as 'partitions' | 'replicas']: value }); // the pattern has these two
  }
  for (const [topic, { partitions = '', replicas }] of sizes) {
    entries.push(replicas === undefined ? `${topic}:${partitions}` : `${topic}:${partitions}:${replicas}`);
  }
  return entries.join(',');
}

/** All topics of the system, their dead-letter topics, and the private ones that are asked for, as configuration wants them. */
export function planTopics(
  layout: TopicLayout,
  defaultReplicas: number,
  privateTopics: readonly PrivateTopicName[] = [],
): TopicPlan[] {
  return [...PUBLIC_TOPICS, ...privateTopics].map((topic) => {
    const given = layout.get(topic);
    const replicas = given?.replicas ?? defaultReplicas;
    const standard = standardOf(topic);
    return {
      topic,
      partitions: given?.partitions ?? standard.partitions,
      replicas,
      config: { ...standard.config, ...durability(replicas) },
    };
  });
}

function standardOf(topic: AnyTopic): { partitions: number; config: Readonly<Record<string, string>> } {
  if (isTopicName(topic)) return TOPICS[topic];
  if (isPrivate(topic)) return PRIVATE_TOPICS[topic];
  return {
    partitions: DEAD_LETTER_PARTITIONS,
    config: { ...DEAD_LETTER_CONFIG, 'max.message.bytes': String(DEAD_LETTER_MAX_MESSAGE_BYTES) },
  };
}

function isTopicName(topic: AnyTopic): topic is TopicName {
  return Object.hasOwn(TOPICS, topic);
}

function isPrivate(topic: AnyTopic): topic is PrivateTopicName {
  return Object.hasOwn(PRIVATE_TOPICS, topic);
}

/** What makes an acknowledgement by all replicas mean something (DESIGN §6). */
function durability(replicas: number): Record<string, string> {
  return {
    'min.insync.replicas': replicas >= REPLICAS_FOR_MIN_INSYNC_2 ? '2' : '1',
    'unclean.leader.election.enable': 'false',
  };
}
