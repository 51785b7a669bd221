import type { Caller } from '@chat/auth';
import type { UserRepository } from '@chat/database';
import type { UserId } from '@chat/dto';
import type { Clock, Logger } from '@chat/service-kit';
import { loadTogether } from '../membership/load-together.ts';

/** Usernames that one statement saves, and how often: nobody waits for it. */
const TOGETHER = { maxKeys: 500, everyMs: 200 };

export interface SaveUsernameOptions {
  readonly users: Pick<UserRepository, 'saveUsernames'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps the name that a user's latest token carries; those of a storm of CONNECTs in one statement. */
export function createSaveUsername({ users, clock, logger }: SaveUsernameOptions): (caller: Caller) => void {
  const save = loadTogether(async (seen: ReadonlyArray<readonly [UserId, string]>) => {
    await users.saveUsernames(new Map(seen), new Date(clock.now()));
    return seen.map(() => undefined);
  }, TOGETHER);
  return ({ userId, username }) => {
    save([userId, username]).catch((error: unknown) => {
      logger.warn({ err: error }, 'a username was not saved'); // the next token saves it
    });
  };
}
