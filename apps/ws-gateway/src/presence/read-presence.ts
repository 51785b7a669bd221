import type { UserId } from '@chat/dto';
import { PresenceReader, type GatewayLease, type RedisClient } from '@chat/redis';
import type { KnownPresenceOptions } from './known-presence.ts';

/** Presence as presence-worker left it. A Redis that does not know this gateway has lost its data, and who knows what else. */
export function createReadPresence(
  redis: RedisClient,
  lease: Pick<GatewayLease, 'isHeld'>,
): KnownPresenceOptions['readPresence'] {
  const reader = new PresenceReader({ redis });
  return async (userIds: readonly UserId[]) => {
    const found = await reader.findPresence(userIds);
    const known = [...found].map(([userId, { isOnline, version, since }]) => {
      return [userId, { isOnline, version, at: since }] as const;
    });
    return { found: new Map(known), isWhole: await lease.isHeld() };
  };
}
