import { createGatewaySignature } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { GATEWAY_SIGNATURE_MAX_SKEW_SECONDS, verifyGatewaySignature } from './gateway-signature.ts';

const KEY = 'a-gateway-key-with-more-than-thirty-two-bytes';
const NOW_SECONDS = 1_800_000_000;
const request = { method: 'POST', pathAndQuery: '/api/v1/chat/chat-rooms?page=1', userId: '42' };
const options = { keys: new Map([['edge-1', KEY]]), nowMs: NOW_SECONDS * 1000 };
const signature = createGatewaySignature({ ...request, keyId: 'edge-1', key: KEY, unixSeconds: NOW_SECONDS });

describe('the proof of an API gateway', () => {
  it('counts for the request that was signed', () => {
    expect(verifyGatewaySignature(signature, request, options)).toBe(true);
  });

  it.each([
    ['method', { method: 'GET' }],
    ['path', { pathAndQuery: '/api/v1/chat/chat-rooms' }],
    ['user', { userId: '43' }],
  ])('does not count for another %s', (_, change) => {
    expect(verifyGatewaySignature(signature, { ...request, ...change }, options)).toBe(false);
  });

  it(`counts within ${GATEWAY_SIGNATURE_MAX_SKEW_SECONDS} seconds, earlier or later`, () => {
    const at = (seconds: number) =>
      verifyGatewaySignature(signature, request, { ...options, nowMs: (NOW_SECONDS + seconds) * 1000 });
    expect([-31, -30, 30, 31].map(at)).toEqual([false, true, true, false]);
  });

  it('does not count with a time other than the one signed', () => {
    const later = signature.replace(String(NOW_SECONDS), String(NOW_SECONDS + 1));
    expect(verifyGatewaySignature(later, request, options)).toBe(false);
  });

  it('does not count with an unknown key, another key, or no keys at all', () => {
    expect(verifyGatewaySignature(signature.replace('edge-1', 'edge-2'), request, options)).toBe(false);
    const forged = createGatewaySignature({ ...request, keyId: 'edge-1', key: `${KEY}!`, unixSeconds: NOW_SECONDS });
    expect(verifyGatewaySignature(forged, request, options)).toBe(false);
    expect(verifyGatewaySignature(signature, request, { ...options, keys: new Map() })).toBe(false);
  });

  it.each(['', '.', 'edge-1', `edge-1.${NOW_SECONDS}`, `edge-1.${NOW_SECONDS}.00`, `edge-1.x.${'0'.repeat(64)}`])(
    'does not count when it is "%s"',
    (text) => {
      expect(verifyGatewaySignature(text, request, options)).toBe(false);
    },
  );
});
