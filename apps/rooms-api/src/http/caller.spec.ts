import { createTokenVerifier } from '@chat/auth';
import { createGatewaySignature, createToken, TEST_JWT_SECRET } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { identifyCaller, type CallerHeaders } from './caller.ts';
import { UsedProofs } from './used-proofs.ts';

const GATEWAY_KEY = 'a-gateway-key-with-more-than-thirty-two-bytes';
const clock = { now: () => Date.now() };
const options = {
  verifier: createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] }, clock),
  gatewayKeys: new Map([['edge', GATEWAY_KEY]]),
  usedProofs: { use: () => Promise.resolve(null) },
  clock,
};
const request = { method: 'GET', pathAndQuery: '/api/v1/chat/chat-rooms?page=1' };
const nobody: CallerHeaders = { ...request, authorization: undefined, userId: undefined, signature: undefined };
const proof = createGatewaySignature({ ...request, keyId: 'edge', key: GATEWAY_KEY, userId: 7 });
const token = `Bearer ${createToken({ userId: 3, claims: { username: 'cleo' } })}`;
const identify = (headers: Partial<CallerHeaders>) => identifyCaller({ ...nobody, ...headers }, options);

describe('the caller', () => {
  it('is whom the bearer token names', async () => {
    expect(await identify({ authorization: token })).toEqual({ userId: 3, username: 'cleo' });
    expect(await identify({ authorization: token.replace('Bearer', 'bearer') })).toMatchObject({ userId: 3 });
  });

  it('is whom a proven API gateway names, with or without a token', async () => {
    expect(await identify({ userId: '7', signature: proof })).toEqual({ userId: 7, username: null });
    expect(await identify({ userId: '7', signature: proof, authorization: token })).toEqual({
      userId: 7,
      username: null,
    });
  });

  it.each([
    ['no proof', { userId: '7' }],
    ['the proof of another user', { userId: '8', signature: proof }],
    ['the proof of another path', { userId: '7', signature: proof, pathAndQuery: '/other' }],
    ['the proof of another method', { userId: '7', signature: proof, method: 'DELETE' }],
    ['something that is no proof', { userId: '7', signature: 'edge.1.00' }],
  ])('X-User-UserId with %s is ignored', async (_, headers) => {
    await expect(identify(headers)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await identify({ ...headers, authorization: token })).toMatchObject({ userId: 3 });
  });

  it('a proven name that is no user id is nobody', async () => {
    const signature = createGatewaySignature({ ...request, keyId: 'edge', key: GATEWAY_KEY, userId: 'root' });
    await expect(identify({ userId: 'root', signature })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Bearer a b', 'token'])(
    'an Authorization of "%s" is nobody',
    async (authorization) => {
      await expect(identify({ authorization })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    },
  );

  it('is nobody where the proof was used before, whatever token comes with it; a read may come again for a moment', async () => {
    const clock = { at: Date.now(), now: () => clock.at };
    const usedProofs = new UsedProofs({ share: () => Promise.reject(new Error('away')) });
    const identifyOnce = (method: string, nonce?: string) => {
      const signature = createGatewaySignature({
        ...{ ...request, method, keyId: 'edge', key: GATEWAY_KEY, userId: 7 },
        ...(nonce !== undefined && { nonce }),
      });
      const headers = { ...nobody, method, userId: '7', signature, authorization: token };
      return () => identifyCaller(headers, { ...options, usedProofs, clock });
    };
    for (const identifyAgain of [identifyOnce('POST'), identifyOnce('GET', 'nonce-0001')]) {
      expect(await identifyAgain()).toMatchObject({ userId: 7 });
      await expect(identifyAgain()).rejects.toThrow('was used before');
    }
    const read = identifyOnce('GET');
    expect([await read(), await read()]).toMatchObject([{ userId: 7 }, { userId: 7 }]);
    clock.at += 2_001;
    await expect(read()).rejects.toThrow('was used before');
  });
});
