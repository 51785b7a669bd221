import { gatewaySignatureSettings, tokenSettings } from '@chat/auth';
import { databaseSettings } from '@chat/database';
import { kafkaSettings } from '@chat/kafka';
import { redisSettings } from '@chat/redis';
import { port, setting, type commonSettings, type ConfigOf, type Settings } from '@chat/service-kit';

export const settings = {
  port: setting('PORT', port(8080), 'public port: REST under /api/v1/chat'),
  internalPort: setting('INTERNAL_PORT', port(9080), 'internal port: /internal, health, metrics, version'),
  ...tokenSettings,
  ...gatewaySignatureSettings,
  ...databaseSettings,
  ...kafkaSettings,
  ...redisSettings,
} as const satisfies Settings;

export type RoomsApiConfig = ConfigOf<typeof settings> & ConfigOf<typeof commonSettings>;
