import type { InstanceNumberRepository } from '@chat/database';
import { ChatError } from '@chat/service-kit';

/**
 * Refuses, as UNAVAILABLE, what shuts a user out while an instance runs whose build heeds no revocations: it would end no session,
 * and its clients would be told what is revoked. That is so in the middle of an upgrade alone.
 */
export async function refuseBesideUnheeding(
  instanceNumbers: Pick<InstanceNumberRepository, 'countUnheedingHolders'>,
): Promise<void> {
  const count = await instanceNumbers.countUnheedingHolders();
  if (count === 0) return;
  throw new ChatError('UNAVAILABLE', {
    message:
      `Nothing was done: ws-gateways or rooms-apis of an older build, which heed no revocations, run, or were killed within the last ` +
      `hour: ${count}. Replace every gateway first (docs/operations.md, rolling upgrade).`,
  });
}
