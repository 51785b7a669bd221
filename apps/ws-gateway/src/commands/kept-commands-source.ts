import type { CommandForUser, KeptCommandRepository } from '@chat/database';
import type { UserId } from '@chat/dto';
import type { Clock } from '@chat/service-kit';
import { loadTogether } from '../membership/load-together.ts';

/** Users whose commands one statement reads, and how often. */
const TOGETHER = { maxKeys: 200, everyMs: 10 };

/** What is kept for a user, of many who come at once by one question. */
export function createKeptCommandsSource(
  repository: Pick<KeptCommandRepository, 'listOfUsers'>,
  clock: Clock,
): (userId: UserId) => Promise<readonly CommandForUser[]> {
  return loadTogether(async (userIds: readonly UserId[]) => {
    const all = await repository.listOfUsers(userIds, new Date(clock.now()));
    return userIds.map((userId) => all.get(userId) ?? []);
  }, TOGETHER);
}
