import type { Caller } from '@chat/auth';
import type { UserId } from '@chat/dto';
import { ChatError, type Logger } from '@chat/service-kit';

export interface AuthenticateOptions {
  readonly verify: (token: string) => Promise<Caller> | Caller;
  /** Learns the user's rooms; rejects with UNAVAILABLE while they cannot be read. */
  readonly enter: (userId: UserId) => Promise<void>;
  /** Keeps the name that the token carries. */
  readonly saveUsername: (userId: UserId, username: string) => Promise<void>;
  readonly logger: Logger;
}

/** Use case of CONNECT: who the token speaks for, with the user's rooms known. */
export async function authenticate(token: string | undefined, options: AuthenticateOptions): Promise<Caller> {
  if (token === undefined) throw new ChatError('UNAUTHENTICATED');
  const caller = await options.verify(token);
  await options.enter(caller.userId);
  options.saveUsername(caller.userId, caller.username).catch((error: unknown) => {
    options.logger.warn({ err: error }, 'a username was not saved'); // the next CONNECT saves it
  });
  return caller;
}
