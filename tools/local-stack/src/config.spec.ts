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

  it("puts the project's programs first on PATH", () => {
    const { env, path } = readConfig({ PATH: '/usr/bin' });
    expect(path).toBe(`${join(rootDir, 'node_modules/.bin')}:/usr/bin`);
    expect(env['PATH']).toBe(path);
  });
});
