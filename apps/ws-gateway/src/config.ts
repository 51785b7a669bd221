import { originSettings, proxySettings, tokenSettings } from '@chat/auth';
import { databaseSettings } from '@chat/database';
import { kafkaSettings } from '@chat/kafka';
import { redisSettings } from '@chat/redis';
import type { commonSettings } from '@chat/service-kit';
import { choice, integer, optionalText, port, setting, type ConfigOf, type Settings } from '@chat/service-kit';
import { eurekaSettings } from '@chat/spring-cloud';
import { limitSettings } from './limits.ts';

export const settings = {
  port: setting('PORT', port(8081), 'public port: WebSockets at /ws'),
  internalPort: setting('INTERNAL_PORT', port(9081), 'internal port: health, metrics, version'),
  internalHost: setting(
    'INTERNAL_HOST',
    optionalText(),
    'name or address by which rooms-api reaches the internal port; none: HOST, else the first address of this machine',
  ),
  messageStories: setting(
    'MESSAGE_STORIES_MAX',
    integer({ min: 1, max: 10_000_000, default: 20_000 }),
    'SENDs that were accepted, a quarter as many refused ones, and messages that were delivered, of which it can be told what this instance did with them; each takes up to 250 bytes',
  ),
  repeatWindow: setting(
    'REPEAT_WINDOW_OFFSETS',
    integer({ min: 1, max: 10_000_000, default: 50_000 }),
    'offsets of a partition within which a repeated message is recognised; the same for all instances; each takes up to 400 bytes of memory',
  ),
  roomFeed: setting(
    'ROOM_FEED',
    choice(['full', 'interest'], 'full'),
    'full: this instance reads all of chat-messages; interest, on trial: it is sent the rooms of its users, and routes its share for the others that are',
  ),
  routerKeptBytesPerPartition: setting(
    'ROUTER_KEPT_BYTES_PER_PARTITION',
    integer({ min: 1_048_576, max: 1_073_741_824, default: 16_777_216 }),
    'bytes of the last records of a partition that a router keeps for instances that come from another one: what is written in 20 s at least, or they end',
  ),
  routerKeptBytes: setting(
    'ROUTER_KEPT_BYTES',
    integer({ min: 16_777_216, max: 17_179_869_184, default: 268_435_456 }),
    'the same of all partitions that an instance routes, together: each is kept a share of it',
  ),
  ...limitSettings,
  ...originSettings,
  ...proxySettings,
  ...tokenSettings,
  ...databaseSettings,
  ...kafkaSettings,
  ...redisSettings,
  ...eurekaSettings('chat-service-ws'),
} as const satisfies Settings;

export type GatewayConfig = ConfigOf<typeof settings> & ConfigOf<typeof commonSettings>;
