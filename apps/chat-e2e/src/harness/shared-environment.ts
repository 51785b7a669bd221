import type { ChatAddresses } from './chat-addresses.ts';
import { roomFeedEnv } from './room-feed.ts';
import { TOPIC_LAYOUT } from './topic-layout.ts';

/** Where the parts of a chat are, for its apps and its tools. */
export function partsEnvironment(
  chat: Pick<ChatAddresses, 'databaseUrl' | 'redisUrl' | 'kafkaBrokers' | 'topicPrefix'>,
): Record<string, string> {
  return {
    DATABASE_URL: chat.databaseUrl,
    REDIS_URL: chat.redisUrl,
    KAFKA_BROKERS: chat.kafkaBrokers,
    KAFKA_TOPIC_PREFIX: chat.topicPrefix,
    KAFKA_TOPIC_LAYOUT: TOPIC_LAYOUT,
    KAFKA_REPLICAS: '1',
  };
}

/** What all apps of a chat have in their environment. */
export function sharedEnvironment(
  chat: Pick<ChatAddresses, 'databaseUrl' | 'redisUrl' | 'kafkaBrokers' | 'topicPrefix' | 'jwtSecret' | 'gatewayKey'>,
): Record<string, string> {
  return {
    ...partsEnvironment(chat),
    JWT_SECRET: chat.jwtSecret,
    GATEWAY_SIGNATURE_KEYS: `${chat.gatewayKey.id}:${chat.gatewayKey.secret}`,
    LOG_LEVEL: 'debug',
    ...roomFeedEnv(process.env),
  };
}
