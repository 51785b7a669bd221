import { randomUUID } from 'node:crypto';
import { encodeRecord, partitionOf } from '@chat/kafka-contracts';
import { asMessageId, asRoomId, asUserId, type MessageDTO } from '@chat/dto';
import {
  createLogger,
  Health,
  HttpListener,
  readConfig,
  Registry,
  ServiceGroup,
  systemClock,
  type AppContext,
} from '@chat/service-kit';
import { createApp } from './app.ts';
import { messagePersisterSettings, type MessagePersisterConfig } from './config.ts';

/** Partitions of chat-messages in these specs. */
export const PARTITIONS = 2;
const STOP_DEADLINE_MS = 15_000;

export interface PersisterUnderTest {
  readonly health: Health;
  readonly metrics: Registry;
  /** Why the app would have ended its process. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** Where the app finds its parts. */
export interface Parts {
  readonly brokers: readonly string[];
  readonly topicPrefix: string;
  readonly databaseUrl: string;
}

/** The configuration of the app on these parts. */
export function configOf({ brokers, topicPrefix, databaseUrl }: Parts): MessagePersisterConfig {
  return readConfig(messagePersisterSettings, {
    INTERNAL_PORT: '0',
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KAFKA_REPLICAS: '1',
    KAFKA_TOPIC_LAYOUT: `chat-messages:${PARTITIONS}`,
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_MAX: '4',
  });
}

/** The whole app in this process, on real parts. */
export async function startPersister(
  { brokers, topicPrefix }: Pick<Parts, 'brokers' | 'topicPrefix'>,
  databaseUrl: string,
): Promise<PersisterUnderTest> {
  const instanceId = `persister-${randomUUID().slice(0, 8)}`;
  const logger = createLogger('message-persister', { level: 'silent', instanceId });
  const health = new Health();
  const metrics = new Registry();
  const failures: string[] = [];
  const context: AppContext = {
    version: { app: 'message-persister', version: '0.0.0', node: process.version, instanceId },
    instanceId,
    logger,
    clock: systemClock,
    health,
    metrics,
    tracing: null,
    fail: (reason, error) => failures.push(`${reason}: ${String(error)}`),
    hasFailed: () => failures.length > 0,
    internalListener: (port) =>
      new HttpListener({
        name: 'internal listener',
        host: '127.0.0.1',
        port,
        handler: (_, response) => response.end(),
      }),
  };
  const services = createApp(configOf({ brokers, topicPrefix, databaseUrl }), context);
  const group = new ServiceGroup(services, logger);
  await group.start();
  health.markServing();
  return { health, metrics, failures, stop: () => group.stop(STOP_DEADLINE_MS) };
}

let lastId = 0;

/** A message with an id of its own. */
export function message(roomId: number, more: Partial<MessageDTO> = {}): MessageDTO {
  lastId += 1;
  return {
    id: asMessageId(lastId),
    senderId: asUserId(1),
    roomId: asRoomId(roomId),
    content: `message ${lastId}`,
    type: 'GROUP',
    timestamp: '2026-01-01T10:00:00.123Z',
    ...more,
  };
}

/** The record that a gateway makes of a message, for a topic of so many partitions. */
export function record(value: MessageDTO, clientMessageId?: string, partitionCount = PARTITIONS) {
  const {
    key,
    value: bytes,
    headers,
  } = encodeRecord('chat-messages', value.roomId, value, {
    id: String(value.id),
    source: 'spec',
    time: value.timestamp,
    headers: {
      'sender-id': String(value.senderId),
      ...(clientMessageId !== undefined && { 'client-message-id': clientMessageId }),
    },
  });
  return { key, value: Buffer.from(bytes), headers: { ...headers }, partition: partitionOf(key, partitionCount) };
}

/** A stored message as plain SQL shows it. */
export interface StoredRow {
  readonly room_id: string;
  readonly epoch: number;
  readonly partition: number;
  readonly log_offset: string;
  readonly seq: string | null;
  readonly sender_ordinal: string;
  readonly id: string;
  readonly sender_id: string;
  readonly content: string;
  readonly type: string;
  readonly kind: string | null;
  readonly target_id: string | null;
  readonly sent_at: Date;
  readonly event_id: string | null;
  readonly client_message_id: string | null;
}

interface Queryable {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** The rows of a room in its order. */
export function rowsOf(database: Queryable, roomId: number): Promise<readonly StoredRow[]> {
  return database.query<StoredRow>('SELECT * FROM messages WHERE room_id = $1 ORDER BY epoch, log_offset', [roomId]);
}
