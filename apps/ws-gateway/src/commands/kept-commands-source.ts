import type { KeptCommand, KeptCommandRepository } from '@chat/database';
import type { UserId } from '@chat/dto';
import type { Clock } from '@chat/service-kit';
import { COMMAND_LIMITS } from '../limits.ts';
import { loadTogether } from '../membership/load-together.ts';

/** Users whose commands one statement reads, and how often: of each there may be `COMMAND_LIMITS.keptPerUser`. */
const TOGETHER = { maxKeys: 50, everyMs: 10 };

/** What waits for a user, of many who come at once by one question. */
export function createKeptCommandsSource(
  repository: Pick<KeptCommandRepository, 'listOfUsers'>,
  clock: Clock,
): (userId: UserId) => Promise<readonly KeptCommand[]> {
  return loadTogether(async (userIds: readonly UserId[]) => {
    const all = await repository.listOfUsers(userIds, new Date(clock.now()), COMMAND_LIMITS.keptPerUser);
    return userIds.map((userId) => all.get(userId) ?? []);
  }, TOGETHER);
}
