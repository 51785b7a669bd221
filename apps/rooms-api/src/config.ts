import { gatewaySignatureSettings, tokenSettings } from '@chat/auth';
import { databaseSettings } from '@chat/database';
import { kafkaSettings } from '@chat/kafka';
import { redisSettings } from '@chat/redis';
import {
  durationMs,
  optionalList,
  port,
  setting,
  type commonSettings,
  type ConfigOf,
  type Settings,
} from '@chat/service-kit';
import { isOrigin } from './http/cross-origin.ts';

export const settings = {
  port: setting('PORT', port(8080), 'public port: REST under /api/v1/chat'),
  internalPort: setting('INTERNAL_PORT', port(9080), 'internal port: /internal, health, metrics, version'),
  invitationLifeMs: setting(
    'INVITATION_LIFE_MS',
    durationMs({ min: 1_000, max: 31_536_000_000, default: 1_209_600_000 }),
    'ms that an invitation counts which does not say when it expires',
  ),
  corsOrigins: setting(
    'CORS_ORIGINS',
    optionalList().refine((origins) => origins.every(isOrigin), {
      error: 'must be origins such as https://chat.example, each without a path',
    }),
    'origins of the pages that may call REST from a browser, exact and comma-separated',
  ),
  ...tokenSettings,
  ...gatewaySignatureSettings,
  ...databaseSettings,
  ...kafkaSettings,
  ...redisSettings,
} as const satisfies Settings;

export type RoomsApiConfig = ConfigOf<typeof settings> & ConfigOf<typeof commonSettings>;
