import { Revocations, type Caller } from '@chat/auth';
import { asUserId, revocationOf, type CommandDTO, type Revocation } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import type { OpenSession } from '../broker/gateway.ts';
import { SessionRegistry } from '../broker/session-registry.ts';
import { tokensWith, type SessionToken } from '../broker/session-tokens.ts';
import { SessionRevoker } from './session-revoker.ts';

const clock = { now: () => 1_000_000 };
const logger = createLogger('test', { level: 'silent', instanceId: 'test' });
const callerOf = (userId: number, tokenId: string): Caller => ({
  ...{ userId: asUserId(userId), username: 'ada', expiresAt: 2_000_000 },
  token: { id: tokenId, issuedAt: 0 },
});

/** The sessions of one instance, and what it hears, its own commands included. */
function instance() {
  const sessions = new SessionRegistry<OpenSession>();
  const revocations = new Revocations({ listStored: async () => [], clock, logger });
  const commands: CommandDTO[] = [];
  const publish = async (command: CommandDTO) => void commands.push(command);
  const asked = { count: 0 };
  const refusalOf = (caller: Caller) => ((asked.count += 1), revocations.refusalOf(caller));
  const revoker = new SessionRevoker({ sessions, revocations: { refusalOf }, publish, clock, logger });
  revocations.onNews(revoker.revoke);
  const ended: string[] = [];
  const open = (sessionId: string, first: Caller) => {
    let caller = first;
    let tokens: readonly SessionToken[] = tokensWith([], first, clock.now());
    const session = {
      ...{ sessionId, userId: first.userId },
      get caller() {
        return caller;
      },
      get tokens() {
        return tokens;
      },
      renew: (newer: Caller) => ((caller = newer), (tokens = tokensWith(tokens, newer, clock.now()))),
      fail: () => (sessions.remove(session), void ended.push(sessionId)),
    } as unknown as OpenSession; // it is asked for no more
    sessions.add(session);
    return session;
  };
  const renew = (session: OpenSession, caller: Caller) => (session.renew(caller), revoker.renewed(session));
  const revokedTokens = () =>
    commands.map((command) => (revocationOf(command, clock.now()) as Revocation & { tokenId: string }).tokenId); // it revokes nothing else
  return { open, renew, revocations, ended, revokedTokens, asked };
}
const token = (tokenId: string): Revocation => ({ kind: 'token', tokenId, expiresAt: 2_000_000 });

describe('a session that is revoked', () => {
  it('takes all its tokens with it, also those from before a renewal', () => {
    const { open, renew, revocations, ended, revokedTokens } = instance();
    const session = open('s1', callerOf(1, 'first'));
    open('s2', callerOf(1, 'other'));
    renew(session, callerOf(1, 'second'));
    revocations.take({ kind: 'session', sessionId: 's1', expiresAt: 2_000_000 });
    expect([ended, revokedTokens()]).toEqual([['s1'], ['first', 'second']]);
  });

  it('takes the one with it that was being checked at that moment', () => {
    const { open, renew, revocations, revokedTokens } = instance();
    const session = open('s1', callerOf(1, 'first'));
    revocations.take({ kind: 'session', sessionId: 's1', expiresAt: 2_000_000 });
    renew(session, callerOf(1, 'second'));
    expect(revokedTokens()).toEqual(['first', 'second']);
  });
});

describe('a session', () => {
  it('ends where the token that it goes on with was revoked while it was checked', () => {
    const { open, renew, revocations, ended } = instance();
    const session = open('s1', callerOf(1, 'first'));
    revocations.take(token('second'));
    renew(session, callerOf(1, 'second'));
    expect(ended).toEqual(['s1']);
  });

  it('lives on where only a token from before its renewal is revoked', async () => {
    const { open, renew, revocations, ended } = instance();
    renew(open('s1', callerOf(1, 'first')), callerOf(1, 'second'));
    open('s2', callerOf(2, 'first'));
    revocations.take(token('first'));
    await eventually(() => expect(ended).toEqual(['s2']));
  });
});

describe('many tokens that are revoked together', () => {
  it('are looked for in one look through all sessions', async () => {
    const { open, revocations, ended, asked } = instance();
    for (let at = 0; at < 2_500; at += 1) open(`s${at}`, callerOf(at + 1, `t${at}`));
    for (let at = 0; at < 1_000; at += 1) revocations.take(token(`t${at}`));
    await eventually(() => expect(ended).toHaveLength(1_000));
    expect(asked.count).toBeLessThanOrEqual(2 * 2_500);
  });
});
