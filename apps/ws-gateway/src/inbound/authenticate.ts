import type { Caller, TokenVerifier } from '@chat/auth';
import type { UserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { UserQuotas } from '../broker/user-quotas.ts';
import type { MembershipIndex } from '../membership/membership-index.ts';

export interface AuthenticateOptions {
  readonly verify: (token: string) => Promise<Caller> | Caller;
  /** Counts the session in and learns the user's rooms; rejects with TOO_MANY_SESSIONS, or UNAVAILABLE while they cannot be read. */
  readonly enter: (userId: UserId) => Promise<void>;
  /** Keeps the name that the token carries; nobody waits for it. */
  readonly saveUsername: (caller: Caller) => void;
}

/** Counts a session of the user in, where there is room for one more, and learns the user's rooms. */
async function enter(
  userId: UserId,
  { quotas, memberships }: { readonly quotas: UserQuotas; readonly memberships: MembershipIndex },
): Promise<void> {
  quotas.enter(userId);
  try {
    await memberships.enter(userId);
  } catch (error) {
    quotas.leave(userId);
    throw error;
  }
}

/** Use case of CONNECT: who the token speaks for, with the user's rooms known. */
async function authenticate(token: string | undefined, options: AuthenticateOptions): Promise<Caller> {
  if (token === undefined) throw new ChatError('UNAUTHENTICATED');
  const caller = await options.verify(token);
  await options.enter(caller.userId);
  options.saveUsername(caller);
  return caller;
}

export interface CreateAuthenticateOptions extends Pick<AuthenticateOptions, 'saveUsername'> {
  readonly verifier: TokenVerifier;
  readonly quotas: UserQuotas;
  readonly memberships: MembershipIndex;
}

/** `authenticate` for the sessions of this instance. */
export function createAuthenticate(options: CreateAuthenticateOptions): (token: string | undefined) => Promise<Caller> {
  const { verifier, quotas, memberships, saveUsername } = options;
  return (token) =>
    authenticate(token, {
      verify: (text) => verifier.verify(text),
      enter: (userId) => enter(userId, { quotas, memberships }),
      saveUsername,
    });
}
