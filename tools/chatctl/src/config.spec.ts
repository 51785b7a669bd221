import type { StackFile } from '@chat/local-stack/stack';
import { createToken } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { accessOf, callerOf, gatewayFor, isVerbose, partsOf, restUrlOf, type Environment } from './config.ts';
import { UsageError } from './failure.ts';

const stack: StackFile = {
  restUrl: 'http://127.0.0.1:8080',
  internalUrl: 'http://127.0.0.1:9080',
  wsUrls: ['ws://127.0.0.1:8081/ws', 'ws://127.0.0.1:8082/ws'],
  jwtSecret: 'a secret of at least thirty-two bytes',
  kafkaBrokers: '127.0.0.1:9092',
  redisUrl: 'redis://127.0.0.1:6379',
  databaseUrl: 'postgresql://postgres@127.0.0.1:5432/chat',
  pids: {},
  internalUrls: {},
};
const local: Environment = { env: {}, stack, jwtSecret: stack.jwtSecret };
const nowhere: Environment = { env: {}, stack: null, jwtSecret: null };
const subOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sub;

describe('where the service is', () => {
  it('is the local stack where nothing is said, with user 1', () => {
    const { restUrl, wsUrls, caller } = accessOf({}, local);
    expect({ restUrl, wsUrls }).toEqual({ restUrl: stack.restUrl, wsUrls: stack.wsUrls });
    expect(subOf(caller.token())).toBe('1');
  });

  it('is what the environment says rather, and what an option says before all', () => {
    const env = { CHAT_URL: 'https://a/', CHAT_WS_URL: 'wss://a/ws,wss://b/ws' };
    expect(accessOf({}, { ...local, env })).toMatchObject({
      restUrl: 'https://a',
      wsUrls: ['wss://a/ws', 'wss://b/ws'],
    });
    expect(accessOf({ url: 'https://c', wsUrl: ['wss://c/ws'] }, { ...local, env })).toMatchObject({
      restUrl: 'https://c',
      wsUrls: ['wss://c/ws'],
    });
  });

  it('is not guessed', () => {
    expect(() => accessOf({}, nowhere)).toThrow(/^No chat is known: start one with `npm start`/);
  });

  const wsUrls = ['wss://a/ws'];
  const ofA = { CHAT_URL: 'https://a', CHAT_WS_URL: 'wss://a/ws' };

  it.each([
    ['the service is the local stack', { url: 'http://127.0.0.1:8080' }, {}, stack.wsUrls],
    ['the service is the local stack by another name', { url: 'http://localhost:8080/' }, {}, stack.wsUrls],
    ['the environment names only them', { url: 'https://a' }, { CHAT_WS_URL: 'wss://a/ws' }, wsUrls],
    ['the environment names the same service', { url: 'https://a/' }, ofA, wsUrls],
    ['the environment names another service than the local stack', { url: stack.restUrl }, ofA, stack.wsUrls],
  ])('has known gateways where %s', (_, options, env, known) => {
    expect(accessOf(options, { ...local, env }).wsUrls).toEqual(known);
  });

  it.each([
    ['an option', { url: 'http://other' }, {}],
    ['the environment', {}, { CHAT_URL: 'http://other' }],
    ['an option beside the environment', { url: 'http://other' }, ofA],
  ])(
    'has no gateway of another service where %s names it alone, and is refused for what needs one',
    (_, options, env) => {
      const environment = { ...local, env };
      expect(() => accessOf(options, environment)).toThrow(/^No gateway of http:\/\/other is known: .*--ws-url/);
      expect(() => accessOf(options, { ...environment, stack: null })).toThrow(UsageError);
      expect(restUrlOf(options, environment)).toBe('http://other');
    },
  );

  it('has no REST API of another service where its gateway is named alone', () => {
    const refused = /^The REST API of ws:\/\/other\/ws is not known: .*--url/;
    expect(() => accessOf({ wsUrl: ['ws://other/ws'] }, local)).toThrow(refused);
    expect(() => accessOf({}, { ...local, env: { CHAT_WS_URL: 'ws://other/ws' } })).toThrow(refused);
    expect(accessOf({ wsUrl: ['ws://localhost:8082/ws'] }, local).restUrl).toBe(stack.restUrl);
  });

  it('is another gateway for the neighbour', () => {
    expect([1, 2, 3].map((user) => gatewayFor(stack, user))).toEqual([
      stack.wsUrls[0],
      stack.wsUrls[1],
      stack.wsUrls[0],
    ]);
  });
});

describe('who speaks', () => {
  const token = createToken({ userId: 7 });

  it('is the user of the token that was given, in an option or the environment', () => {
    expect(callerOf({ token }, nowhere)).toMatchObject({ userId: 7 });
    expect(callerOf({}, { ...local, env: { CHAT_TOKEN: token } })).toMatchObject({ userId: 7 });
    expect(callerOf({ token }, nowhere).token()).toBe(token);
  });

  it('is the user that was named before the token of the environment', () => {
    expect(subOf(callerOf({ user: 3 }, { ...local, env: { CHAT_TOKEN: token } }).token())).toBe('3');
  });

  it.each([
    ['two callers', { user: 3, token }, local],
    ['no token and no secret', {}, nowhere],
    ['a token that is none', { token: 'abc' }, local],
    ['a token of nobody', { token: createToken({ userId: 'alice' }) }, local],
  ])('is refused with %s', (_, options, environment) => {
    expect(() => callerOf(options, environment)).toThrow(UsageError);
  });
});

describe('the parts', () => {
  it('are those of the local stack, which has one broker', () => {
    expect(partsOf(local)).toMatchObject({ KAFKA_BROKERS: stack.kafkaBrokers, KAFKA_REPLICAS: '1' });
  });

  it('are those of the environment alone where it names one', () => {
    expect(partsOf({ ...local, env: { REDIS_URL: 'redis://r' } })).toEqual({ REDIS_URL: 'redis://r' });
  });
});

describe('a failure that nobody foresaw', () => {
  it.each([
    ['an option', ['send', '--verbose'], {}, true],
    ['the environment', ['send'], { DEBUG: '1' }, true],
    ['nothing', ['send'], { DEBUG: '' }, false],
  ])('is told with its place in the code where it is asked for: by %s', (_, args, env, expected) => {
    expect(isVerbose(args, env)).toBe(expected);
  });
});
