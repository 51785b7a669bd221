import { readConfig } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { identityProblems } from './identity-problems.ts';
import { gatewaySignatureSettings, tokenSettings } from './settings.ts';

const read = (env: Record<string, string>) => readConfig({ ...tokenSettings, ...gatewaySignatureSettings }, env);

describe('a pinned algorithm without its key', () => {
  it.each([
    ['HS256', {}, 'JWT_ALGORITHMS names HS256, which needs JWT_SECRET'],
    ['RS256', {}, 'JWT_ALGORITHMS names RS256, which needs JWT_PUBLIC_KEY or JWT_JWKS_URL'],
    ['ES256', { JWT_PUBLIC_KEY: 'no key' }, 'JWT_PUBLIC_KEY is no PEM public key for ES256'],
  ])('is a problem: %s with %j', (algorithms, env, sentence) => {
    expect(identityProblems(read({ JWT_ALGORITHMS: algorithms, ...env }))).toEqual([sentence]);
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
    [
      'where there are none',
      { NODE_ENV: 'production', JWT_ALGORITHMS: 'RS256', JWT_JWKS_URL: 'https://issuer.example/keys' },
    ],
    ['where they are not weak', { NODE_ENV: 'production', JWT_SECRET: strong, GATEWAY_SIGNATURE_KEYS: `a:${strong}` }],
  ])('are not refused %s', (_, env) => {
    expect(identityProblems(read(env))).toEqual([]);
  });
});
