import type { Caller } from '@chat/auth';
import { ClientRefreshDTOSchema } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { OpenSession } from '../broker/gateway.ts';
import { DONE, type Outcome } from '../broker/outcome.ts';
import { readJsonBody } from './json-body.ts';

export interface RefreshTokenOptions {
  /** Rejects with a ChatError, as at CONNECT. */
  readonly verify: (token: string) => Promise<Caller>;
  /** Keeps the name that the token carries; nobody waits for it. */
  readonly saveUsername: (caller: Caller) => void;
  /** Told of the session once it has gone on with it: more may have been revoked meanwhile. */
  readonly renewed: (session: OpenSession) => void;
}

/**
 * Use case of `/app/auth.refresh`: the session goes on with a new token of its user. It lives as long as its newest token, also
 * where an earlier one was good for longer.
 */
export async function refreshToken(
  session: OpenSession,
  body: Uint8Array,
  { verify, saveUsername, renewed }: RefreshTokenOptions,
): Promise<Outcome> {
  const { token } = readJsonBody(ClientRefreshDTOSchema, body);
  const caller = await verify(token);
  if (caller.userId !== session.userId) {
    throw new ChatError('FORBIDDEN', { message: 'The token is of another user than the session.' });
  }
  session.renew(caller);
  renewed(session);
  saveUsername(caller);
  return DONE;
}
