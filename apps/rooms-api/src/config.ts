import { gatewaySignatureSettings, originSettings, proxySettings, tokenSettings } from '@chat/auth';
import { databaseSettings } from '@chat/database';
import { kafkaSettings } from '@chat/kafka';
import { redisSettings } from '@chat/redis';
import {
  durationMs,
  integer,
  port,
  setting,
  type commonSettings,
  type ConfigOf,
  type Settings,
} from '@chat/service-kit';
import { eurekaSettings } from '@chat/spring-cloud';

export const settings = {
  port: setting('PORT', port(8080), 'public port: REST under /api/v1/chat'),
  internalPort: setting('INTERNAL_PORT', port(9080), 'internal port: /internal, health, metrics, version'),
  invitationLifeMs: setting(
    'INVITATION_LIFE_MS',
    durationMs({ min: 1_000, max: 31_536_000_000, default: 1_209_600_000 }),
    'ms that an invitation counts which does not say when it expires',
  ),
  maxRequestsPerSecondPerIp: setting(
    'MAX_REQUESTS_PER_SECOND_PER_IP',
    integer({ min: 1, max: 1_000_000, default: 2_000 }),
    'requests of one address a second, on all instances together, over 10 s; more are refused with RATE_LIMITED',
  ),
  maxRequestsPerSecondPerUser: setting(
    'MAX_REQUESTS_PER_SECOND_PER_USER',
    integer({ min: 1, max: 1_000_000, default: 500 }),
    'requests of one user a second, on all instances together, over 10 s; more are refused with RATE_LIMITED',
  ),
  ...originSettings,
  ...proxySettings,
  ...tokenSettings,
  ...gatewaySignatureSettings,
  ...databaseSettings,
  ...kafkaSettings,
  ...redisSettings,
  ...eurekaSettings('chat-service'),
} as const satisfies Settings;

export type RoomsApiConfig = ConfigOf<typeof settings> & ConfigOf<typeof commonSettings>;
