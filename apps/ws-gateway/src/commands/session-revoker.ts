import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Revocations } from '@chat/auth';
import { REVOKE_COMMAND, type CommandDTO, type Revocation, type UserId } from '@chat/dto';
import { ChatError, instantOf, type Clock, type Logger } from '@chat/service-kit';
import type { OpenSession } from '../broker/gateway.ts';
import type { SessionRegistry } from '../broker/session-registry.ts';
import type { SessionToken } from '../broker/session-tokens.ts';

/** A token may claim to expire at a time that no instant can be written of, in Unix ms. */
const LAST_INSTANT = Date.UTC(9999, 0, 1);
/** Sessions that are looked at before others have their turn of the event loop. */
const SESSIONS_PER_TURN = 1_000;

export interface SessionRevokerOptions {
  readonly sessions: Pick<SessionRegistry<OpenSession>, 'of' | 'all' | 'find'>;
  readonly revocations: Pick<Revocations, 'refusalOf'>;
  /** Tells all instances. */
  readonly publish: (command: CommandDTO) => Promise<unknown>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Ends what a revocation means: ERROR, close 4003. Who has a session that is revoked tells all others of its tokens, those from before
 * a renewal too, so that it does not come back with one of them anywhere.
 */
export class SessionRevoker {
  readonly #options: SessionRevokerOptions;
  /** Sessions that were revoked themselves: a token that was being checked for one meanwhile is revoked as well. */
  readonly #revoked = new WeakSet<OpenSession>();
  #mustLook = false;
  #isLooking = false;

  constructor(options: SessionRevokerOptions) {
    this.#options = options;
  }

  readonly revoke = (revocation: Revocation): void => {
    if (revocation.kind === 'session') return this.#revokeSession(revocation.sessionId);
    if (revocation.kind === 'token') return this.#lookSoon();
    this.#noteEnded(this.#endRevoked(this.#options.sessions.of(revocation.userId)), revocation.kind);
  };

  /** The session has gone on with a newer token: it may have been revoked while that was checked. */
  readonly renewed = (session: OpenSession): void => {
    this.#endRevoked([session]);
    if (this.#revoked.has(session)) this.#revokeTokens(session.userId, session.tokens.slice(-1));
  };

  #revokeSession(sessionId: string): void {
    const session = this.#options.sessions.find(sessionId);
    if (session === undefined) return; // another instance's, or nobody's any more
    this.#revoked.add(session);
    session.fail(new ChatError('REVOKED', { message: 'The session was revoked.' }));
    this.#noteEnded(1, 'session');
    this.#revokeTokens(session.userId, session.tokens);
  }

  /** All sessions are looked through for tokens: once for all revocations that have come by then. */
  #lookSoon(): void {
    this.#mustLook = true;
    if (!this.#isLooking) void this.#look();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#mustLook) {
      await setImmediate();
      this.#mustLook = false;
      let count = 0;
      for (const turn of inTurns(this.#options.sessions.all())) {
        count += this.#endRevoked(turn);
        await setImmediate();
      }
      this.#noteEnded(count, 'token');
    }
    this.#isLooking = false;
  }

  /** How many were ended. */
  #endRevoked(sessions: Iterable<OpenSession>): number {
    let count = 0;
    for (const session of [...sessions]) {
      const refusal = this.#options.revocations.refusalOf(session.caller);
      if (refusal === null) continue;
      session.fail(refusal);
      count += 1;
    }
    return count;
  }

  #noteEnded(count: number, kind: Revocation['kind']): void {
    if (count > 0) this.#options.logger.info({ count, kind }, 'sessions were revoked');
  }

  #revokeTokens(userId: UserId, tokens: readonly SessionToken[]): void {
    const { publish, clock, logger } = this.#options;
    const commands = tokens.map((token) => revocationOfToken(userId, token, clock.now()));
    Promise.all(commands.map((command) => publish(command))).catch((error: unknown) => {
      logger.error({ err: error, userId }, 'a token of a revoked session is not revoked: revoke the user');
    });
  }
}

/** So many at a time; what comes or goes meanwhile may be in it or not. */
function* inTurns(sessions: Iterable<OpenSession>): Iterable<readonly OpenSession[]> {
  let turn: OpenSession[] = [];
  for (const session of sessions) {
    if (turn.push(session) < SESSIONS_PER_TURN) continue;
    yield turn;
    turn = [];
  }
  if (turn.length > 0) yield turn;
}

function revocationOfToken(userId: UserId, { id, expiresAt }: SessionToken, now: number): CommandDTO {
  const payload = { tokenId: id, expiresAt: instantOf(Math.min(expiresAt, LAST_INSTANT)) };
  return { id: randomUUID(), target: `user:${userId}`, name: REVOKE_COMMAND, payload, createdAt: instantOf(now) };
}
