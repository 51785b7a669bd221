import type { RoomId, UserId } from '@chat/dto';
import { GATEWAY_LEASE_TTL_MS } from './gateway-lease.ts';
import {
  decodeGatewaySession,
  decodeLastSeen,
  decodeOutboxEntry,
  decodeSight,
  decodeUser,
  encodeStep,
  lastSeenField,
  type LoadedUser,
} from './presence-codec.ts';
import type {
  OutboxEntry,
  PendingLastSeen,
  PresenceChange,
  PresenceCondition,
  ShardSight,
  StepAddress,
} from './presence-change.ts';
import type { RedisClient } from './redis-client.ts';
import { applyChange } from './scripts/apply-change.lua.ts';
import { claimShard } from './scripts/claim-shard.lua.ts';
import { liftHold } from './scripts/lift-hold.lua.ts';
import { loadUser } from './scripts/load-user.lua.ts';
import { lookAtShard } from './scripts/look-at-shard.lua.ts';
import { removeLastSeen } from './scripts/remove-last-seen.lua.ts';
import { tellMembership } from './scripts/tell-membership.lua.ts';

/** How long presence keys live without a change, in ms: 30 days, far beyond the life of any session. */
export const PRESENCE_KEY_TTL_MS = 2_592_000_000;
/** How long, and how many, ended sessions of a user are remembered against late events, in ms. */
const ENDED_SESSION_TTL_MS = 600_000;
const ENDED_SESSIONS_MAX_COUNT = 1_000;
/** How long it is remembered that a membership was told, in ms: longer than a record stays unprocessed. */
const TOLD_MEMBERSHIP_TTL_MS = 86_400_000;

/** What became of a step: done; what it was decided from has changed; its condition does not hold; owned by another. */
export type StepOutcome = 'APPLIED' | 'CHANGED' | 'HELD' | 'STALE';

export interface PresenceStoreOptions {
  readonly redis: RedisClient;
  /** The TTL of gateway leases, which is also how long hold-fire lasts, in ms. */
  readonly leaseTtlMs?: number;
}

/**
 * Presence as it lies in Redis, for the owner of a shard: load what a step is decided from, apply the step at once with its
 * announcements, find what is due. Every request of an older owner is refused. Rejects with ChatError UNAVAILABLE while
 * Redis does not answer; every request may then be made again.
 */
export class PresenceStore {
  readonly #redis: RedisClient;
  readonly #leaseTtlMs: number;

  constructor({ redis, leaseTtlMs }: PresenceStoreOptions) {
    this.#redis = redis;
    this.#leaseTtlMs = leaseTtlMs ?? GATEWAY_LEASE_TTL_MS;
  }

  /** Makes the caller the owner: scripts refuse every earlier generation from now on. */
  async claimShard(shard: number): Promise<number> {
    const { keys } = this.#redis;
    const claimKeys = [keys.generation(shard), keys.server(shard)];
    return Number(await this.#redis.runScript(claimShard, claimKeys, [PRESENCE_KEY_TTL_MS, this.#leaseTtlMs]));
  }

  /** Ends hold-fire in a shard whose log is read from its first record. Null to an older owner. */
  async liftHold(shard: number, generation: number): Promise<void> {
    const { keys } = this.#redis;
    const holdKeys = [keys.generation(shard), keys.server(shard)];
    await this.#redis.runScript(liftHold, holdKeys, [generation, PRESENCE_KEY_TTL_MS]);
  }

  /** What a step about this session is decided from; null where the shard belongs to another. */
  async loadUser({ shard, generation, userId, sessionId, gatewayId }: StepAddress): Promise<LoadedUser | null> {
    const { keys } = this.#redis;
    return decodeUser(
      await this.#redis.runScript(
        loadUser,
        [
          keys.generation(shard),
          keys.server(shard),
          keys.presence(userId),
          keys.sessions(userId),
          keys.activeRooms(userId),
          keys.endedSessions(userId),
          keys.gatewayLease(gatewayId),
        ],
        [generation, PRESENCE_KEY_TTL_MS, this.#leaseTtlMs, sessionId],
      ),
    );
  }

  /** Applies a step decided from `loaded`, with everything that it announces, or nothing of it. */
  async applyChange(
    address: StepAddress,
    loaded: LoadedUser,
    change: PresenceChange,
    condition: PresenceCondition | null,
  ): Promise<StepOutcome> {
    const { keys } = this.#redis;
    const { shard, userId, gatewayId } = address;
    const outcome = await this.#redis.runScript(
      applyChange,
      [
        keys.generation(shard),
        keys.server(shard),
        keys.presence(userId),
        keys.sessions(userId),
        keys.activeRooms(userId),
        keys.endedSessions(userId),
        keys.deadlines(shard),
        keys.outbox(shard),
        keys.lastSeen(shard),
        keys.gateways(shard),
        keys.gatewaySessions(shard, typeof change.session === 'object' ? change.session.gatewayId : gatewayId),
        keys.gatewaySessions(shard, change.leavesGatewayId ?? gatewayId),
        keys.gatewayLease(gatewayId),
      ],
      [
        address.generation,
        PRESENCE_KEY_TTL_MS,
        this.#leaseTtlMs,
        ENDED_SESSION_TTL_MS,
        ENDED_SESSIONS_MAX_COUNT,
        encodeStep(address, loaded, change, condition),
      ],
    );
    return outcome as StepOutcome; // the script answers nothing else
  }

  /** What is due in the shard, at most `limit` users of each kind; null where it belongs to another. */
  async lookAtShard(request: {
    readonly shard: number;
    readonly generation: number;
    readonly limit: number;
    /** Redis did not answer for a while: leases may have lapsed for that alone. */
    readonly beginsHold: boolean;
  }): Promise<ShardSight | null> {
    const { keys } = this.#redis;
    const { shard, generation, limit, beginsHold } = request;
    return decodeSight(
      await this.#redis.runScript(
        lookAtShard,
        [
          keys.generation(shard),
          keys.server(shard),
          keys.gateways(shard),
          keys.deadlines(shard),
          keys.outbox(shard),
          keys.lastSeen(shard),
        ],
        [
          generation,
          PRESENCE_KEY_TTL_MS,
          this.#leaseTtlMs,
          limit,
          beginsHold ? 1 : 0,
          keys.gatewayLease(''),
          keys.gatewaySessions(shard, ''),
        ],
      ),
    );
  }

  /** Those of the shards in whose outboxes something waits: one request for all of them. */
  async listFilledOutboxes(shards: readonly number[]): Promise<readonly number[]> {
    if (shards.length === 0) return [];
    const keys = shards.map((shard) => this.#redis.keys.outbox(shard));
    const from = shards.map(() => '0');
    const filled = await this.#redis.request((redis) => redis.xread('COUNT', 1, 'STREAMS', ...keys, ...from));
    const names = new Set((filled ?? []).map(([key]) => key));
    return shards.filter((_, index) => names.has(keys[index] ?? ''));
  }

  /** How many of these gateways have a lease: one request for all of them. */
  async countLeases(gatewayIds: readonly string[]): Promise<number> {
    if (gatewayIds.length === 0) return 0;
    return this.#redis.request((redis) => redis.exists(...gatewayIds.map((id) => this.#redis.keys.gatewayLease(id))));
  }

  /** Some of the sessions that a gateway has in the shard. */
  async listGatewaySessions(
    shard: number,
    gatewayId: string,
    limit: number,
  ): Promise<{ readonly userId: UserId; readonly sessionId: string }[]> {
    const key = this.#redis.keys.gatewaySessions(shard, gatewayId);
    const members = await this.#redis.request((redis) => redis.srandmember(key, limit));
    return (members ?? []).map(decodeGatewaySession);
  }

  /** Puts JOINED or LEFT into the outbox of the user's shard, once per version of the room; false where it was there. */
  async tellMembership(membership: {
    readonly shard: number;
    readonly userId: UserId;
    readonly roomId: RoomId;
    readonly event: 'JOINED' | 'LEFT';
    readonly roomVersion: number;
    /** ISO-8601. */
    readonly at: string;
  }): Promise<boolean> {
    const { keys } = this.#redis;
    const { shard, userId, roomId, event, roomVersion, at } = membership;
    const answer = await this.#redis.runScript(
      tellMembership,
      [keys.presence(userId), keys.outbox(shard), keys.toldMembership(roomId, userId)],
      [PRESENCE_KEY_TTL_MS, userId, roomId, event, at, roomVersion, TOLD_MEMBERSHIP_TTL_MS],
    );
    return answer === 1;
  }

  /** The oldest events that wait in the shard's outbox. */
  async listOutbox(shard: number, limit: number): Promise<OutboxEntry[]> {
    const key = this.#redis.keys.outbox(shard);
    const entries = await this.#redis.request((redis) => redis.xrange(key, '-', '+', 'COUNT', limit));
    return entries.map(([id, fields]) => decodeOutboxEntry(id, fields));
  }

  /** Takes published events out of the outbox; those that are gone already do not matter. */
  async removeFromOutbox(shard: number, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#redis.request((redis) => redis.xdel(this.#redis.keys.outbox(shard), ...ids));
  }

  /** Some of the last seen times that wait in the shard. */
  async listLastSeen(shard: number, limit: number): Promise<PendingLastSeen[]> {
    const key = this.#redis.keys.lastSeen(shard);
    const pairs = await this.#redis.request((redis) => redis.hrandfield(key, limit, 'WITHVALUES'));
    const flat = pairs === null ? [] : [pairs].flat(2).map(String);
    return flat.flatMap((field, index) => (index % 2 === 0 ? [decodeLastSeen(field, flat[index + 1] ?? '')] : []));
  }

  /** Takes written last seen times out, unless later ones came meanwhile. */
  async removeLastSeen(shard: number, written: readonly PendingLastSeen[]): Promise<void> {
    if (written.length === 0) return;
    const args = written.flatMap(({ userId, roomId, seenAtMs }) => [lastSeenField(userId, roomId), seenAtMs]);
    await this.#redis.runScript(removeLastSeen, [this.#redis.keys.lastSeen(shard)], args);
  }
}
