import { readConfig } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { gatewaySignatureSettings, identityProblems, parseGatewayKeys, tokenSettings } from './settings.ts';

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

describe('weak secrets', () => {
  const strong = 'k7Qz0pR2wL9mXv4TyB8nHc3JdF6sGaE1';
  const weak = { JWT_SECRET: 'x'.repeat(40), GATEWAY_SIGNATURE_KEYS: `a:${strong},b:${'change-me '.repeat(4)}` };

  it('are refused in production, each with why and without its text', () => {
    const problems = identityProblems(read({ NODE_ENV: 'production', ...weak }));
    expect(problems).toEqual([
      expect.stringMatching(/^JWT_SECRET has fewer than 10 different characters: make one/),
      expect.stringMatching(/^GATEWAY_SIGNATURE_KEYS: the secret of b is one of examples/),
    ]);
    expect(problems.join()).not.toMatch(/xxx|change-me /);
  });

  it.each([
    ['elsewhere', weak],
    ['where nothing is said', { NODE_ENV: 'production' }],
    ['where they are none', { NODE_ENV: 'production', JWT_SECRET: strong, GATEWAY_SIGNATURE_KEYS: `a:${strong}` }],
  ])('are not refused %s', (_, env) => {
    expect(identityProblems(read(env))).toEqual([]);
  });
});
