import { databaseSettings } from '@chat/database';
import { kafkaSettings } from '@chat/kafka';
import { port, setting, type ConfigOf, type Settings } from '@chat/service-kit';

/** The whole environment of message-persister. */
export const messagePersisterSettings = {
  internalPort: setting('INTERNAL_PORT', port(9084), 'port of /livez, /readyz, /metrics and /version'),
  ...kafkaSettings,
  ...databaseSettings,
} as const satisfies Settings;

export type MessagePersisterConfig = ConfigOf<typeof messagePersisterSettings>;
