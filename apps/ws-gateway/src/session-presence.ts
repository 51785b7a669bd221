import type { MembershipRepository } from '@chat/database';
import type { SessionEventDTO } from '@chat/dto';
import type { GatewayLease, RedisClient } from '@chat/redis';
import type { Clock, Logger, Service } from '@chat/service-kit';
import type { SubscriptionRegistry } from './broker/subscription-registry.ts';
import type { GatewayConfig } from './config.ts';
import { presenceLimitsOf } from './limits.ts';
import { loadMembers } from './membership/membership-source.ts';
import type { GatewayMetrics } from './metrics.ts';
import { KnownPresence } from './presence/known-presence.ts';
import { createReadPresence } from './presence/read-presence.ts';
import { RoomPresence } from './presence/room-presence.ts';
import { RoomWatch } from './presence/room-watch.ts';
import { SeenReports } from './presence/seen-reports.ts';
import { SessionAnnouncer } from './presence/session-announcer.ts';
import { SessionTabs } from './presence/session-tabs.ts';
import { WatchedRooms } from './presence/watched-rooms.ts';

export interface SessionPresenceOptions {
  readonly config: GatewayConfig;
  readonly redis: RedisClient;
  readonly lease: GatewayLease;
  readonly memberships: MembershipRepository;
  readonly publish: (event: SessionEventDTO) => Promise<unknown>;
  readonly subscriptions: SubscriptionRegistry;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

export interface SessionPresence {
  /** Told of what room-events say. */
  readonly watch: RoomWatch;
  readonly tabs: SessionTabs;
  readonly presence: RoomPresence;
  readonly services: readonly Service[];
}

/** What this instance tells presence-worker of its sessions, and its clients of who is there. */
export function createSessionPresence(options: SessionPresenceOptions): SessionPresence {
  const { config, redis, lease, memberships, publish, subscriptions, clock, metrics, logger } = options;
  const now = () => performance.now();
  const watch = new RoomWatch();

  const announcing = { publish, gatewayId: () => lease.gatewayId, clock, logger };
  const announcer = new SessionAnnouncer(announcing);
  const tabs = new SessionTabs(announcer);
  const seenReports = new SeenReports({ tabs, ...announcing });
  lease.onLost(() => tabs.announceAll());

  const known = new KnownPresence({ watch, readPresence: createReadPresence(redis, lease), now });
  lease.onLost(() => known.noteLost());
  lease.onAnswer((isAnswering) => known.noteAnswer(isAnswering));
  const rooms = new WatchedRooms({ watch, known, loadMembers: (roomId) => loadMembers(memberships, roomId) });
  const presence = new RoomPresence({
    ...{ subscriptions, watch, known, rooms, metrics, now },
    ...presenceLimitsOf(config),
  });
  return { watch, tabs, presence, services: [announcer, presence, seenReports] };
}
