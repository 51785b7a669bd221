import type { ErasureDTO, UserId } from '@chat/dto';
import type { Logger } from '@chat/service-kit';
import { ERASURE_BATCH_MAX_COUNT, ERASURE_SESSIONS_END_MS, ERASURE_STEP_MAX_MS } from '../limits.ts';
import type { RoomChangeContext } from '../rooms/change-room.ts';
import { leaveForGood } from './leave-for-good.ts';

export interface ErasureContext extends RoomChangeContext {
  /** Ends the user's sessions on every instance, and keeps them from coming back with a token of before. */
  readonly endSessions: (userId: UserId) => Promise<void>;
  /** Where the log of messages ends, by partition. */
  readonly listLogEnds: () => Promise<ReadonlyMap<number, number>>;
  readonly logger: Logger;
}

/**
 * A step of erasing what a user has written and what is known of them. Repeated until it is complete: once no session of the user
 * can be open any more and all that was in the log then is stored, nothing can come behind what was erased. A step that fails, or
 * whose process dies, has done a part, and the next one goes on.
 */
export async function eraseUser(context: ErasureContext, userId: UserId): Promise<ErasureDTO> {
  const { database, clock, logger } = context;
  const { erasures, memberships } = database.repositories;
  const { requestedAt, ageMs } = await erasures.request(userId);
  await context.endSessions(userId);
  const isStored = await isAllStored(context);

  const until = clock.now() + ERASURE_STEP_MAX_MS;
  const isOver = () => clock.now() >= until;
  let otherCount = await erasures.eraseIdentity(userId); // first, so that no name is told at the leaving of rooms
  let roomCount = 0;
  for (const { roomId } of (await memberships.listMembershipsOf([userId])).get(userId) ?? []) {
    if (isOver()) break;
    if (await leaveForGood(context, userId, roomId)) roomCount += 1;
  }
  const all = async (erase: (userId: UserId, limit: number) => Promise<number>): Promise<number> => {
    let sum = 0;
    for (let count = ERASURE_BATCH_MAX_COUNT; count === ERASURE_BATCH_MAX_COUNT && !isOver(); sum += count)
      count = await erase(userId, ERASURE_BATCH_MAX_COUNT);
    return sum;
  };
  let messageCount = 0;
  for (const erase of [erasures.eraseTexts, erasures.eraseChanges, erasures.eraseNotices])
    messageCount += await all(erase);
  otherCount += await all(erasures.eraseLastSeen);

  const waitsFor = waitOf({ ageMs, isStored, isOver: isOver() });
  if (waitsFor === null) await erasures.complete(userId);
  const counts = { roomCount, messageCount, otherCount };
  logger.info({ userId, requestedAt, isComplete: waitsFor === null, ...counts }, 'data of a user were erased');
  return {
    ...{ userId, isComplete: waitsFor === null, ...(waitsFor !== null && { waitsFor }) },
    ...{ requestedAt: requestedAt.toISOString(), ...counts },
  };
}

/** What has to pass before the erasure is complete; null where nothing has. */
export function waitOf(step: { ageMs: number; isStored: boolean; isOver: boolean }): ErasureDTO['waitsFor'] | null {
  if (step.ageMs < ERASURE_SESSIONS_END_MS) return 'SESSIONS';
  if (!step.isStored) return 'STORING';
  return step.isOver ? 'NEXT_STEP' : null;
}

/** Whether all that is in the log now is stored. */
async function isAllStored({ database, listLogEnds }: ErasureContext): Promise<boolean> {
  const ends = await listLogEnds();
  const stored = await database.repositories.resume.listStoredPositions();
  const storedUpTo = new Map(stored.map((each) => [each.partition, each.storedUpTo]));
  return [...ends].every(([partition, end]) => (storedUpTo.get(partition) ?? 0) >= end);
}
