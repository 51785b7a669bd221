import { describe, expect, it } from 'vitest';
import type { StackFile } from './stack-file.ts';
import { welcome } from './welcome.ts';

const stack: StackFile = {
  restUrl: 'http://127.0.0.1:8080',
  internalUrl: 'http://127.0.0.1:9080',
  wsUrls: ['ws://127.0.0.1:8081/ws', 'ws://127.0.0.1:8082/ws'],
  jwtSecret: 'the secret',
  kafkaBrokers: '127.0.0.1:9092',
  redisUrl: 'redis://127.0.0.1:6379',
  databaseUrl: 'postgresql://postgres@127.0.0.1:5432/chat',
  pids: {},
  internalUrls: {},
};
const playgroundUrl = 'http://127.0.0.1:8088';
const users = [{ userId: 1, username: 'alice', token: 'a.b.c' }];
const text = welcome({ stack, playgroundUrl, users, logDir: '.local/logs' });

describe('welcome', () => {
  it('begins with the page to try it in', () => {
    expect(text.trim().split('\n')[0]).toMatch(/^playground +http:\/\/127\.0\.0\.1:8088$/);
  });

  it('names every address and the tokens', () => {
    for (const value of [
      stack.restUrl,
      stack.internalUrl,
      ...stack.wsUrls,
      stack.kafkaBrokers,
      'a.b.c',
      '.local/logs',
    ]) {
      expect(text).toContain(value);
    }
  });

  it('leads into the room that its first command makes, whatever its id', () => {
    expect(text).toContain('npm run chat -- --user 2 --username bob');
    expect(text).not.toContain('--room');
  });

  it('keeps the secret to the file', () => {
    expect(text).not.toContain(stack.jwtSecret);
  });

  it('ends with the line by which a program knows that all is ready', () => {
    expect(text.split('\n').at(-1)).toBe('The chat is ready. Ctrl-C stops it.');
  });
});
