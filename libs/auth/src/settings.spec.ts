import { readConfig } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { gatewaySignatureSettings, parseGatewayKeys, tokenSettings } from './settings.ts';

const SECRET = 'x'.repeat(32);
const read = (env: Record<string, string>) => readConfig({ ...tokenSettings, ...gatewaySignatureSettings }, env);

describe('the settings of identity', () => {
  it('pin HS256 and believe no API gateway where nothing is said', () => {
    expect(read({ JWT_SECRET: SECRET })).toEqual({
      jwtSecret: SECRET,
      jwtPublicKey: undefined,
      jwtJwksUrl: undefined,
      jwtAlgorithms: ['HS256'],
      jwtIssuer: undefined,
      jwtAudience: undefined,
      jwtClockToleranceSeconds: 0,
      nodeEnv: undefined,
      gatewaySignatureKeys: '',
    });
  });

  it('take several algorithms and keys', () => {
    const { jwtAlgorithms, gatewaySignatureKeys } = read({
      JWT_ALGORITHMS: 'RS256, ES256',
      GATEWAY_SIGNATURE_KEYS: `one:${SECRET}, two:with:colons:${SECRET}`,
    });
    expect(jwtAlgorithms).toEqual(['RS256', 'ES256']);
    expect([...(parseGatewayKeys(gatewaySignatureKeys) ?? [])]).toEqual([
      ['one', SECRET],
      ['two', `with:colons:${SECRET}`],
    ]);
  });

  it.each([
    ['JWT_SECRET must have at least 32 bytes', { JWT_SECRET: 'short-and-secret' }],
    ['JWT_ALGORITHMS must be a comma-separated choice', { JWT_ALGORITHMS: 'none' }],
    ['JWT_ALGORITHMS must be a comma-separated choice', { JWT_ALGORITHMS: '' }],
    ['JWT_JWKS_URL must be an http or https URL', { JWT_JWKS_URL: 'file:///etc/passwd' }],
    ['GATEWAY_SIGNATURE_KEYS must be id:secret', { GATEWAY_SIGNATURE_KEYS: 'one:short-and-secret' }],
    ['GATEWAY_SIGNATURE_KEYS must be id:secret', { GATEWAY_SIGNATURE_KEYS: SECRET }],
  ])('are refused with "%s", secrets left out', (words, env) => {
    expect(() => read(env)).toThrow(words);
    expect(() => read(env)).not.toThrow('short-and-secret');
  });
});
