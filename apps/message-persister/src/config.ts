import { databaseSettings } from '@chat/database';
import { kafkaSettings } from '@chat/kafka';
import { integer, port, setting, type ConfigOf, type Settings } from '@chat/service-kit';

/** The whole environment of message-persister. */
export const messagePersisterSettings = {
  internalPort: setting('INTERNAL_PORT', port(9084), 'port of /livez, /readyz, /metrics and /version'),
  messageRetentionDays: setting(
    'MESSAGE_RETENTION_DAYS',
    integer({ min: 0, max: 36_500, default: 0 }),
    'days that rows of messages are kept, more than Kafka may keep their records (retention.ms + segment.ms); 0: for ever',
  ),
  ...kafkaSettings,
  ...databaseSettings,
} as const satisfies Settings;

export type MessagePersisterConfig = ConfigOf<typeof messagePersisterSettings>;
