import type { Caller } from '@chat/auth';
import { asUserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import type { OpenSession } from '../broker/gateway.ts';
import { refreshToken } from './refresh-token.ts';

const [ada, bob] = [asUserId(1), asUserId(2)];
const callerOf = (userId = ada): Caller => ({
  userId,
  username: 'ada the second',
  expiresAt: 2_000,
  token: { id: 't-1', issuedAt: null },
});

/** A session of Ada's whose tokens are judged by the spec. */
function refreshing(verify: (token: string) => Promise<Caller>) {
  const renewed: Caller[] = [];
  const named: string[] = [];
  const session = { userId: ada, renew: (caller: Caller) => void renewed.push(caller) } as unknown as OpenSession; // it asks for no more
  const saveUsername = ({ username }: Caller) => void named.push(username);
  const options = { verify, saveUsername, renewed: (renewed: OpenSession) => expect(renewed).toBe(session) };
  const refresh = (body: string) => refreshToken(session, new TextEncoder().encode(body), options);
  return { renewed, named, refresh };
}

describe('/app/auth.refresh', () => {
  it('has the session go on with the new token, and keeps the name that it carries', async () => {
    const verified: string[] = [];
    const { renewed, named, refresh } = refreshing(async (token) => (verified.push(token), callerOf()));
    expect(await refresh('{"token":"new"}')).toEqual({});
    expect(verified).toEqual(['new']);
    expect(renewed).toEqual([callerOf()]);
    expect(named).toEqual(['ada the second']);
  });

  it.each<[string, string, () => Promise<Caller>, string]>([
    ['of another user', '{"token":"t"}', async () => callerOf(bob), 'FORBIDDEN'],
    ['that has expired', '{"token":"t"}', () => Promise.reject(new ChatError('TOKEN_EXPIRED')), 'TOKEN_EXPIRED'],
    ['that proves nothing', '{"token":"t"}', () => Promise.reject(new ChatError('UNAUTHENTICATED')), 'UNAUTHENTICATED'],
    ['that is empty', '{"token":""}', async () => callerOf(), 'INVALID_REQUEST'],
    ['that is not there', '{}', async () => callerOf(), 'INVALID_REQUEST'],
    ['that is no JSON', 'token', async () => callerOf(), 'INVALID_JSON'],
  ])('refuses a token %s, and the session stays as it was', async (_, body, verify, code) => {
    const { renewed, named, refresh } = refreshing(verify);
    await expect(refresh(body)).rejects.toMatchObject({ code });
    expect([...renewed, ...named]).toEqual([]);
  });
});
