import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe('readConfig', () => {
  const rootDir = join(import.meta.dirname, '../../..');

  it('keeps everything below the clone, unless CHAT_LOCAL_DIR says where; downloads stay there', () => {
    expect(readConfig({})).toMatchObject({ rootDir, localDir: join(rootDir, '.local') });
    const config = readConfig({ CHAT_LOCAL_DIR: '/elsewhere' });
    expect(config).toMatchObject({ localDir: '/elsewhere', cacheDir: join(rootDir, '.local/cache') });
  });

  it('takes the parts that the environment names, and an empty name for none', () => {
    const env = { DATABASE_URL: 'postgresql://x/chat', REDIS_URL: '' };
    expect(readConfig(env).external).toEqual({ postgres: 'postgresql://x/chat', redis: undefined, kafka: undefined });
  });

  it('keeps `npm test` away from the parts of the environment, in what it opens and in what its sections see', () => {
    const parts = { DATABASE_URL: 'postgresql://x/chat', REDIS_URL: 'redis://x', KAFKA_BROKERS: 'x:9092' };
    const { testExternal, testEnv, external } = readConfig({ ...parts, HOME: '/home/ada' });
    expect(testExternal).toEqual({});
    expect(Object.keys(testEnv)).toEqual(['HOME', 'PATH']);
    const wanted = readConfig({ ...parts, CHAT_TEST_EXTERNAL: '1' });
    expect(wanted.testExternal).toEqual(external);
    expect(Object.keys(wanted.testEnv)).toEqual(['CHAT_TEST_EXTERNAL', 'PATH']);
    expect(readConfig({ ...parts, CHAT_TEST_EXTERNAL: 'true' }).testExternal).toEqual({});
  });

  it("puts the project's programs first on PATH", () => {
    const { env, path } = readConfig({ PATH: '/usr/bin' });
    expect(path).toBe(`${join(rootDir, 'node_modules/.bin')}:/usr/bin`);
    expect(env['PATH']).toBe(path);
  });
});
