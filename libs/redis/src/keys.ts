import type { RoomId, UserId } from '@chat/dto';

/** Every key of the system, and the only place that spells one. All of them can be rebuilt and all of them have a TTL. */
export interface RedisKeys {
  /** Hash {state: ONLINE, GRACE or OFFLINE; version; since: ISO instant}. GRACE still counts as online. */
  presence(userId: UserId): string;
  /** Hash session id → JSON {gatewayId, at}: the live sessions of a user. */
  sessions(userId: UserId): string;
  /** Hash session id → room whose tab that session has open. */
  activeRooms(userId: UserId): string;
  /** Sorted set of session ids that were closed or lost for good, by Unix ms: a late OPENED does not revive them. */
  endedSessions(userId: UserId): string;
  /** String: exists while the gateway lives. */
  gatewayLease(gatewayId: string): string;
  /** Sorted set of {instanceId, url} as JSON, by Unix ms of the last sign of life: where gateways can be asked. */
  gatewayAddresses(): string;
  /** Sorted set user id → Unix ms at which the grace of a lost user ends. */
  deadlines(shard: number): string;
  /** Stream of presence events that wait for Kafka. */
  outbox(shard: number): string;
  /** Hash `<user id>:<room id>` → Unix ms: last seen times that wait for Postgres. */
  lastSeen(shard: number): string;
  /** Hash gateway id → Unix ms at which its lease was last found alive: the gateways with sessions in this shard. */
  gateways(shard: number): string;
  /** Set of `<user id> <session id>`: the sessions of a gateway in this shard. */
  gatewaySessions(shard: number, gatewayId: string): string;
  /** The generation of the shard's owner; only rises, scripts refuse older ones. */
  generation(shard: number): string;
  /** Hash {runId, since}: which run of the server wrote this shard, and when its hold-fire last began, in Unix ms. */
  server(shard: number): string;
  /** The room's version at which this user's joining or leaving was last told. */
  toldMembership(roomId: RoomId, userId: UserId): string;
  /** String: Unix ms at which this proof of an API gateway was first used. */
  usedProof(proofId: string): string;
  /** Counter: what was taken of a limit in this window, by an address, a user or in a room. */
  rate(limit: string, key: string | number): string;
}

/** The keys of one system, each with the prefix in front, so that several can share a Redis. */
export function createRedisKeys(prefix: string): RedisKeys {
  return {
    presence: (userId) => `${prefix}presence:user:${userId}`,
    sessions: (userId) => `${prefix}websocket:user:${userId}`,
    activeRooms: (userId) => `${prefix}active_room:user:${userId}`,
    endedSessions: (userId) => `${prefix}presence:ended:${userId}`,
    gatewayAddresses: () => `${prefix}gateway:addresses`,
    gatewayLease: (gatewayId) => `${prefix}gateway:lease:${gatewayId}`,
    deadlines: (shard) => `${prefix}presence:deadlines:${shard}`,
    outbox: (shard) => `${prefix}presence:outbox:${shard}`,
    lastSeen: (shard) => `${prefix}presence:last_seen:${shard}`,
    gateways: (shard) => `${prefix}presence:gateways:${shard}`,
    gatewaySessions: (shard, gatewayId) => `${prefix}presence:sessions:${shard}:${gatewayId}`,
    generation: (shard) => `${prefix}presence:generation:${shard}`,
    server: (shard) => `${prefix}presence:server:${shard}`,
    toldMembership: (roomId, userId) => `${prefix}presence:told:${roomId}:${userId}`,
    rate: (limit, key) => `${prefix}rate:${limit}:${key}`,
    usedProof: (proofId) => `${prefix}gateway:proof:${proofId}`,
  };
}

/**
 * The channel on which gateways tell each other who types in a room. Redis hands a channel to all of its databases, so the
 * number of the database is part of the name, as it is of every key without being written.
 */
export function typingChannel(prefix: string, database: number, roomId: RoomId): string {
  return `${prefix}typing:${database}:room:${roomId}`;
}
