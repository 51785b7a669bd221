export { GatewayAddresses, type GatewayAddress } from './gateway-addresses.ts';
export {
  GATEWAY_LEASE_REFRESH_MS,
  GATEWAY_LEASE_TTL_MS,
  GatewayLease,
  type GatewayLeaseOptions,
} from './gateway-lease.ts';
export { createRedisKeys, type RedisKeys } from './keys.ts';
export type { LoadedUser } from './presence-codec.ts';
export type {
  OutboxEntry,
  PendingLastSeen,
  PresenceChange,
  PresenceCondition,
  PresenceState,
  SeenRoom,
  SessionEntry,
  ShardSight,
  StepAddress,
  UserSnapshot,
} from './presence-change.ts';
export { PresenceReader, type KnownPresence } from './presence-reader.ts';
export { PRESENCE_KEY_TTL_MS, PresenceStore, type PresenceStoreOptions, type StepOutcome } from './presence-store.ts';
export { REDIS_COMMAND_TIMEOUT_MS } from './connection-options.ts';
export { RedisClient, type RedisClientOptions } from './redis-client.ts';
export { inspectRedis, type RedisSight } from './redis-sight.ts';
export { redisSettings } from './settings.ts';
export { TypingChannels, type TypingChannelsOptions } from './typing-channels.ts';
export type { TypingSignal } from './typing-signal.ts';
export {
  RATE_WINDOW_MS,
  shareCountsIn,
  SharedRates,
  type RateLimit,
  type ShareCounts,
  type SharedRate,
} from './shared-rates.ts';
export { createUnsharedMetric, UnsharedWatch } from './unshared-watch.ts';
export { SharedUsedProofs } from './used-proofs.ts';
