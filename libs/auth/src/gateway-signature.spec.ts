import { createGatewaySignature } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { GATEWAY_SIGNATURE_MAX_SKEW_SECONDS, isReplay, verifyGatewaySignature } from './gateway-signature.ts';

const KEY = 'a-gateway-key-with-more-than-thirty-two-bytes';
const NOW_SECONDS = 1_800_000_000;
const request = { method: 'POST', pathAndQuery: '/api/v1/chat/chat-rooms?page=1', userId: '42' };
const options = { keys: new Map([['edge-1', KEY]]), nowMs: NOW_SECONDS * 1000 };
const signature = createGatewaySignature({ ...request, keyId: 'edge-1', key: KEY, unixSeconds: NOW_SECONDS });

describe('the proof of an API gateway', () => {
  it('counts for the request that was signed', () => {
    expect(verifyGatewaySignature(signature, request, options)).toEqual({
      id: signature.split('.').at(-1),
      hasNonce: false,
    });
  });

  it.each([
    ['method', { method: 'GET' }],
    ['path', { pathAndQuery: '/api/v1/chat/chat-rooms' }],
    ['user', { userId: '43' }],
  ])('does not count for another %s', (_, change) => {
    expect(verifyGatewaySignature(signature, { ...request, ...change }, options)).toBeNull();
  });

  it(`counts within ${GATEWAY_SIGNATURE_MAX_SKEW_SECONDS} seconds, earlier or later`, () => {
    const at = (seconds: number) =>
      verifyGatewaySignature(signature, request, { ...options, nowMs: (NOW_SECONDS + seconds) * 1000 }) !== null;
    expect([-31, -30, 30, 31].map(at)).toEqual([false, true, true, false]);
  });

  it('does not count with a time other than the one signed', () => {
    const later = signature.replace(String(NOW_SECONDS), String(NOW_SECONDS + 1));
    expect(verifyGatewaySignature(later, request, options)).toBeNull();
  });

  it('does not count with an unknown key, another key, or no keys at all', () => {
    expect(verifyGatewaySignature(signature.replace('edge-1', 'edge-2'), request, options)).toBeNull();
    const forged = createGatewaySignature({ ...request, keyId: 'edge-1', key: `${KEY}!`, unixSeconds: NOW_SECONDS });
    expect(verifyGatewaySignature(forged, request, options)).toBeNull();
    expect(verifyGatewaySignature(signature, request, { ...options, keys: new Map() })).toBeNull();
  });

  it.each(['', '.', 'edge-1', `edge-1.${NOW_SECONDS}`, `edge-1.${NOW_SECONDS}.00`, `edge-1.x.${'0'.repeat(64)}`])(
    'does not count when it is "%s"',
    (text) => {
      expect(verifyGatewaySignature(text, request, options)).toBeNull();
    },
  );
});

describe('a nonce', () => {
  const nonce = 'n-12345678';
  const withNonce = createGatewaySignature({ ...request, keyId: 'edge-1', key: KEY, unixSeconds: NOW_SECONDS, nonce });

  it('is signed with the request', () => {
    expect(verifyGatewaySignature(withNonce, request, options)).toMatchObject({ hasNonce: true });
    expect(verifyGatewaySignature(withNonce.replace(nonce, 'n-12345679'), request, options)).toBeNull();
    expect(verifyGatewaySignature(withNonce.replace(`${nonce}.`, ''), request, options)).toBeNull();
  });

  it('cannot be made of what another request signed', () => {
    const odd = { ...request, userId: `42\n${NOW_SECONDS}` };
    const forged = createGatewaySignature({ ...odd, keyId: 'edge-1', key: KEY, unixSeconds: NOW_SECONDS });
    const moved = forged.replace(/\.([0-9a-f]{64})$/, `.${NOW_SECONDS}.$1`);
    expect(verifyGatewaySignature(moved, request, options)).toBeNull();
  });
});

describe('two keys', () => {
  it('count at the same time, each under its id, while one takes the place of the other', () => {
    const next = 'another-gateway-key-with-more-than-thirty-two';
    const keys = new Map([
      ['edge-1', KEY],
      ['edge-2', next],
    ]);
    const signed = createGatewaySignature({ ...request, keyId: 'edge-2', key: next, unixSeconds: NOW_SECONDS });
    for (const each of [signature, signed]) {
      expect(verifyGatewaySignature(each, request, { ...options, keys })).not.toBeNull();
    }
    expect(verifyGatewaySignature(signature, request, { ...options, keys: new Map([['edge-2', next]]) })).toBeNull();
  });
});

describe('a proof that comes again', () => {
  const usedAgo = (ms: number | null) => ({ firstUsedAt: ms === null ? null : 100_000 - ms, nowMs: 100_000 });
  const proof = (hasNonce: boolean) => ({ id: 'x', hasNonce });

  it.each([
    ['GET', false, null, false],
    ['POST', false, null, false],
    ['POST', false, 0, true],
    ['DELETE', false, 0, true],
    ['GET', false, 0, false],
    ['HEAD', false, 2_000, false],
    ['GET', false, 2_001, true],
    ['GET', true, 0, true],
    ['GET', true, null, false],
  ])('for %s with a nonce: %s, used %s ms ago, is a replay: %s', (method, hasNonce, ago, expected) => {
    expect(isReplay(proof(hasNonce), { method, ...usedAgo(ago) })).toBe(expected);
  });
});
