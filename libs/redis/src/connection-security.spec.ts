import { readConfig } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { connectionSecurity } from './connection-security.ts';
import { forgetArguments, toRedisFailure } from './redis-failure.ts';
import { redisSettings } from './settings.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

const securityOf = (env: Readonly<Record<string, string>>) => connectionSecurity(readConfig(redisSettings, env));

describe('how Redis is spoken to', () => {
  it('is in the clear by redis://, over TLS by rediss://, which tells it by which name it is asked', () => {
    expect(securityOf({ REDIS_URL: 'redis://u:p@redis.example:6379' })).toEqual({});
    expect(securityOf({ REDIS_URL: 'rediss://u:p@redis.example:6379' })).toEqual({
      tls: { servername: 'redis.example' },
    });
    expect(securityOf({ REDIS_URL: 'rediss://u:p@[::1]:6379', REDIS_TLS_CA: PEM })).toEqual({ tls: { ca: PEM } });
  });

  it.each([
    ['REDIS_TLS_CA is given, but REDIS_URL does not begin with rediss://', { REDIS_TLS_CA: PEM }],
    ['REDIS_TLS_CERT and REDIS_TLS_KEY belong together', { REDIS_TLS_CERT: PEM, REDIS_URL: 'rediss://hidden@r' }],
  ])('is refused with "%s", the password left out', (words, env) => {
    expect(() => securityOf({ REDIS_URL: 'redis://u:hidden@r', ...env })).toThrow(words);
    expect(() => securityOf({ REDIS_URL: 'redis://u:hidden@r', ...env })).not.toThrow('hidden');
  });
});

describe('an error of Redis', () => {
  const refused = () =>
    Object.assign(new Error('WRONGPASS'), { command: { name: 'hello', args: ['3', 'AUTH', 'u', 'hidden'] } });

  it('is passed on without what its command was given, which may be a password', () => {
    expect(JSON.stringify(forgetArguments(refused()))).toBe('{"command":{"name":"hello"}}');
    expect(JSON.stringify(toRedisFailure(refused()).cause)).not.toContain('hidden');
  });
});
