import { randomUUID } from 'node:crypto';
import type { Caller, Revocations } from '@chat/auth';
import { REVOKE_COMMAND, type CommandDTO, type Revocation } from '@chat/dto';
import { ChatError, instantOf, type Clock, type Logger } from '@chat/service-kit';
import type { OpenSession } from '../broker/gateway.ts';
import type { SessionRegistry } from '../broker/session-registry.ts';

/** A token may claim to expire at a time that no instant can be written of, in Unix ms. */
const LAST_INSTANT = Date.UTC(9999, 0, 1);

export interface RevokeSessionsOptions {
  readonly sessions: Pick<SessionRegistry<OpenSession>, 'of' | 'all'>;
  readonly revocations: Pick<Revocations, 'refusalOf'>;
  /** Tells all instances. */
  readonly publish: (command: CommandDTO) => Promise<unknown>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Ends what a revocation means: ERROR, close 4003. Who has a session that is revoked tells all others of its token, so that it does
 * not come back with that anywhere.
 */
export function createRevokeSessions(options: RevokeSessionsOptions): (revocation: Revocation) => void {
  const { sessions, revocations, logger } = options;
  return (revocation) => {
    if (revocation.kind === 'session') return revokeSession(revocation.sessionId, options);
    const candidates = revocation.kind === 'user' ? sessions.of(revocation.userId) : sessions.all();
    let count = 0;
    for (const session of [...candidates]) {
      const refusal = revocations.refusalOf(session.caller);
      if (refusal === null) continue;
      session.fail(refusal);
      count += 1;
    }
    if (count > 0) logger.info({ count, kind: revocation.kind }, 'sessions were revoked');
  };
}

function revokeSession(sessionId: string, { sessions, publish, clock, logger }: RevokeSessionsOptions): void {
  const session = findSession(sessions.all(), sessionId);
  if (session === null) return; // another instance's, or nobody's any more
  const { caller } = session;
  session.fail(new ChatError('REVOKED', { message: 'The session was revoked.' }));
  logger.info({ count: 1, kind: 'session' }, 'sessions were revoked');
  publish(revocationOfToken(caller, clock.now())).catch((error: unknown) => {
    logger.error(
      { err: error, userId: caller.userId },
      'the token of a revoked session is not revoked: revoke the user',
    );
  });
}

function findSession(sessions: Iterable<OpenSession>, sessionId: string): OpenSession | null {
  for (const session of sessions) if (session.sessionId === sessionId) return session;
  return null;
}

function revocationOfToken({ userId, token, expiresAt }: Caller, now: number): CommandDTO {
  const payload = { tokenId: token.id, expiresAt: instantOf(Math.min(expiresAt, LAST_INSTANT)) };
  return { id: randomUUID(), target: `user:${userId}`, name: REVOKE_COMMAND, payload, createdAt: instantOf(now) };
}
