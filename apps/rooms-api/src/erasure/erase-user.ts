import type { ErasureDTO, UserId } from '@chat/dto';
import type { Logger } from '@chat/service-kit';
import { refuseBesideUnheeding } from '../access/refuse-beside-unheeding.ts';
import {
  ERASURE_BATCH_MAX_COUNT,
  ERASURE_SESSIONS_END_AGAIN_MS,
  ERASURE_SESSIONS_END_MS,
  ERASURE_STEP_MAX_MS,
} from '../limits.ts';
import type { RoomChangeContext } from '../rooms/change-room.ts';
import { leaveForGood } from './leave-for-good.ts';

export interface ErasureContext extends RoomChangeContext {
  /** Has the user's sessions ended on every instance, and keeps them from coming back with a token of before; rejects where that is not certain. */
  readonly endSessions: (userId: UserId) => Promise<void>;
  /** Where the log of messages ends, by partition. */
  readonly listLogEnds: () => Promise<ReadonlyMap<number, number>>;
  readonly logger: Logger;
}

/**
 * A step of erasing what a user has written and what is known of them. Repeated until it is complete: once the user's sessions were
 * ended for so long that nothing of them can be under way, and all that was in the log then is stored, nothing can come behind what
 * was erased. A step that fails, or whose process dies, has done a part, and the next one goes on.
 */
export async function eraseUser(context: ErasureContext, userId: UserId): Promise<ErasureDTO> {
  const { database, clock, logger } = context;
  const { erasures, memberships, instanceNumbers } = database.repositories;
  await refuseBesideUnheeding(instanceNumbers); // before anything is stored of it
  const { requestedAt, sessionsEndedMsAgo } = await erasures.request(userId);
  const isEnding = isEndDue(sessionsEndedMsAgo);
  if (isEnding) {
    await context.endSessions(userId);
    await erasures.noteSessionsEnded(userId);
  }
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

  const waitsFor = waitOf({ endedMsAgo: isEnding ? null : sessionsEndedMsAgo, isStored, isOver: isOver() });
  if (waitsFor === null) await erasures.complete(userId);
  const counts = { roomCount, messageCount, otherCount };
  logger.info({ userId, requestedAt, isComplete: waitsFor === null, ...counts }, 'data of a user were erased');
  return {
    ...{ userId, isComplete: waitsFor === null, ...(waitsFor !== null && { waitsFor }) },
    ...{ requestedAt: requestedAt.toISOString(), ...counts },
  };
}

/** Whether the user's sessions are to be ended: for the first time, or again in an erasure that was broken off. */
export function isEndDue(endedMsAgo: number | null): boolean {
  return endedMsAgo === null || endedMsAgo >= ERASURE_SESSIONS_END_AGAIN_MS;
}

export interface StepSoFar {
  /** How long ago the sessions had been ended when the step began; null where it has ended them itself. */
  readonly endedMsAgo: number | null;
  readonly isStored: boolean;
  readonly isOver: boolean;
}

/** What has to pass before the erasure is complete; null where nothing has. */
export function waitOf({ endedMsAgo, isStored, isOver }: StepSoFar): ErasureDTO['waitsFor'] | null {
  if (endedMsAgo === null || endedMsAgo < ERASURE_SESSIONS_END_MS) return 'SESSIONS';
  if (!isStored) return 'STORING';
  return isOver ? 'NEXT_STEP' : null;
}

/** Whether all that is in the log now is stored. */
async function isAllStored({ database, listLogEnds }: ErasureContext): Promise<boolean> {
  const ends = await listLogEnds();
  const stored = await database.repositories.resume.listStoredPositions();
  const storedUpTo = new Map(stored.map((each) => [each.partition, each.storedUpTo]));
  return [...ends].every(([partition, end]) => (storedUpTo.get(partition) ?? 0) >= end);
}
