import { databaseSettings } from '@chat/database';
import { kafkaSettings } from '@chat/kafka';
import { port, setting, text, type ConfigOf, type Settings } from '@chat/service-kit';

/** The whole environment of message-persister. */
export const messagePersisterSettings = {
  internalPort: setting('INTERNAL_PORT', port(9084), 'port of /livez, /readyz, /metrics and /version'),
  ...kafkaSettings,
  ...databaseSettings,
  groupPrefix: setting('KAFKA_GROUP_PREFIX', text(''), 'put before the name of the consumer group'),
} as const satisfies Settings;

export type MessagePersisterConfig = ConfigOf<typeof messagePersisterSettings>;
