import {
  CommandDTOSchema,
  MessageDTOSchema,
  PersisterProgressDTOSchema,
  PresenceEventDTOSchema,
  ReceiptDTOSchema,
  RoomEventDTOSchema,
  SessionEventDTOSchema,
  type CommandTarget,
  type RoomId,
  type UserId,
} from '@chat/dto';
import type { z } from 'zod';

/** The apps that read a topic; `others` are services outside this repository. */
export type Consumer = 'rooms-api' | 'ws-gateway' | 'message-persister' | 'presence-worker' | 'others';

/** What binds a topic: how its key is written, what its value is, who reads it. */
export interface TopicContract<Key, Schema extends z.ZodType> {
  /** The key's text on the record; the partition is murmur2 of it. */
  readonly key: (key: Key) => string;
  readonly value: Schema;
  readonly consumers: readonly Consumer[];
  /** Partitions where configuration says nothing. */
  readonly partitions: number;
  /** Kafka's own topic settings. */
  readonly config: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** How long `command-messages` keeps a record at least, in ms. */
export const COMMAND_RETENTION_MS = DAY_MS;

function topic<Key, Schema extends z.ZodType>(contract: TopicContract<Key, Schema>): TopicContract<Key, Schema> {
  return contract;
}

/** The one table of topics: topic → key → value → consumers. */
export const TOPICS = {
  'chat-messages': topic({
    key: (roomId: RoomId) => String(roomId),
    value: MessageDTOSchema,
    consumers: ['message-persister', 'ws-gateway', 'others'],
    partitions: 12,
    // Kafka removes whole segments: of a quiet topic they would last for days longer, and so would what somebody wants erased
    config: { 'retention.ms': String(14 * DAY_MS), 'segment.ms': String(DAY_MS) },
  }),
  'command-messages': topic({
    key: (target: CommandTarget) => target,
    value: CommandDTOSchema,
    consumers: ['ws-gateway', 'message-persister', 'rooms-api'],
    partitions: 3,
    config: { 'retention.ms': String(COMMAND_RETENTION_MS), 'segment.ms': String(HOUR_MS) },
  }),
  'presence-messages': topic({
    key: (userId: UserId) => String(userId),
    value: PresenceEventDTOSchema,
    consumers: ['ws-gateway', 'others'],
    partitions: 6,
    config: { 'retention.ms': String(DAY_MS) },
  }),
  'room-events': topic({
    key: (roomId: RoomId) => String(roomId),
    value: RoomEventDTOSchema,
    consumers: ['ws-gateway', 'presence-worker', 'others'],
    partitions: 3,
    config: { 'retention.ms': String(7 * DAY_MS) },
  }),
  'session-events': topic({
    key: (userId: UserId) => String(userId),
    value: SessionEventDTOSchema,
    consumers: ['presence-worker'],
    partitions: 6,
    config: { 'retention.ms': String(DAY_MS) },
  }),
  'message-receipts': topic({
    key: (roomId: RoomId) => String(roomId),
    value: ReceiptDTOSchema,
    consumers: ['message-persister', 'ws-gateway'],
    partitions: 6,
    config: { 'retention.ms': String(DAY_MS) },
  }),
  'persister-progress': topic({
    key: (partition: number) => String(partition),
    value: PersisterProgressDTOSchema,
    consumers: ['ws-gateway'],
    partitions: 1,
    config: { 'retention.ms': String(DAY_MS) },
  }),
} as const;

export type TopicName = keyof typeof TOPICS;
export type KeyOf<Topic extends TopicName> = Parameters<(typeof TOPICS)[Topic]['key']>[0];
export type ValueOf<Topic extends TopicName> = z.infer<(typeof TOPICS)[Topic]['value']>;

export const TOPIC_NAMES = Object.keys(TOPICS) as TopicName[]; // Object.keys forgets the keys of a const object

/**
 * Topics between the instances of one app: no contract, for nobody else reads or writes them and their bytes may change with
 * any version. They are there only where that app asks for them.
 */
export const PRIVATE_TOPICS = {
  /** ws-gateway to ws-gateway: partition 0 is read by all instances, of the others each reads one. */
  'room-feed': {
    partitions: 33,
    minPartitions: 2,
    // who is further behind than this attaches anew: it takes as much room as all that is forwarded in that time
    config: { 'retention.ms': String(HOUR_MS / 6), 'segment.ms': String(HOUR_MS / 60), 'max.message.bytes': '2097152' },
  },
} as const;
export type PrivateTopicName = keyof typeof PRIVATE_TOPICS;

/** Dead letters of a topic, bytes as they were. */
export type DeadLetterTopicName = `${TopicName}.dlq`;
export function deadLetterTopicOf(name: TopicName): DeadLetterTopicName {
  return `${name}.dlq`;
}

/** Partitions of every dead-letter topic; their order means nothing. */
export const DEAD_LETTER_PARTITIONS = 1;
/** How long dead letters are kept, in Kafka's own settings. */
export const DEAD_LETTER_CONFIG = { 'retention.ms': String(30 * DAY_MS) } as const;
