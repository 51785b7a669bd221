import { originSettings, tokenSettings } from '@chat/auth';
import { databaseSettings } from '@chat/database';
import { kafkaSettings } from '@chat/kafka';
import { redisSettings } from '@chat/redis';
import type { commonSettings } from '@chat/service-kit';
import { integer, port, setting, type ConfigOf, type Settings } from '@chat/service-kit';
import { eurekaSettings } from '@chat/spring-cloud';
import { limitSettings } from './limits.ts';

export const settings = {
  port: setting('PORT', port(8081), 'public port: WebSockets at /ws'),
  internalPort: setting('INTERNAL_PORT', port(9081), 'internal port: health, metrics, version'),
  repeatWindow: setting(
    'REPEAT_WINDOW_OFFSETS',
    integer({ min: 1, max: 10_000_000, default: 50_000 }),
    'offsets of a partition within which a repeated message is recognised; the same for all instances; each takes up to 400 bytes of memory',
  ),
  ...limitSettings,
  ...originSettings,
  ...tokenSettings,
  ...databaseSettings,
  ...kafkaSettings,
  ...redisSettings,
  ...eurekaSettings('chat-service-ws'),
} as const satisfies Settings;

export type GatewayConfig = ConfigOf<typeof settings> & ConfigOf<typeof commonSettings>;
