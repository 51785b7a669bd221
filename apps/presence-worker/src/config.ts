import { databaseSettings } from '@chat/database';
import { kafkaSettings } from '@chat/kafka';
import { redisSettings } from '@chat/redis';
import { durationMs, port, setting, type ConfigOf, type Settings } from '@chat/service-kit';

/** The whole environment of presence-worker. */
export const presenceWorkerSettings = {
  internalPort: setting('INTERNAL_PORT', port(9083), 'port of /livez, /readyz, /metrics and /version'),
  ...kafkaSettings,
  ...redisSettings,
  ...databaseSettings,
  presenceGraceMs: setting(
    'PRESENCE_GRACE_MS',
    durationMs({ min: 0, max: 600_000, default: 10_000 }),
    'how long a user whose last socket was lost still counts as online, in ms',
  ),
} as const satisfies Settings;

export type PresenceWorkerConfig = ConfigOf<typeof presenceWorkerSettings>;
