import { createTokenVerifier } from '@chat/auth';
import type { DatabaseService } from '@chat/database';
import { createLogger, systemClock } from '@chat/service-kit';
import { httpUnderTest, TEST_JWT_SECRET, type TestAnswer } from '@chat/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { RoomTurns } from '../rooms/room-turns.ts';
import { createAuthentication, type CallerOptions } from './caller.ts';
import { createPublicServer } from './public-server.ts';
import { UsernameMemory } from './username-memory.ts';

const ANSWER_MAX_MS = 5_000;
const ROOM = '/api/v1/chat/chat-rooms/1';
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
const never = <Value>() => new Promise<Value>(() => {});
/** Every request to it hangs, as with a Postgres that is frozen. */
const hanging = {
  repositories: new Proxy({}, { get: () => new Proxy({}, { get: () => never }) }),
  transaction: never,
} as unknown as DatabaseService; // no more of it is used
const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

async function answerOf(
  verify: CallerOptions['verifier']['verify'],
): Promise<TestAnswer & { readonly tookMs: number }> {
  const options = { verifier: { verify }, gatewayKeys: new Map(), clock: systemClock };
  const usernames = new UsernameMemory({ users: hanging.repositories.users, clock: systemClock, logger });
  const authentication = createAuthentication(options, (caller) => void usernames.remember(caller));
  const context = { database: hanging, clock: systemClock, turns: new RoomTurns(), onEvents: () => {} };
  const presence = { listOnline: () => Promise.resolve(new Set<never>()) };
  const http = await httpUnderTest(createPublicServer({ context, presence, authentication, logger }));
  closings.push(() => http.close());
  const startedAt = performance.now();
  const answer = await http.request('GET', ROOM, { as: 1 });
  return { ...answer, tookMs: performance.now() - startedAt };
}

describe('the deadline of a request', () => {
  it('is one for authentication and endpoint, whichever of them hangs', { timeout: 20_000 }, async () => {
    const slowly: CallerOptions['verifier']['verify'] = async (token) => {
      const halfOfIt = Promise.withResolvers<void>();
      setTimeout(halfOfIt.resolve, ANSWER_MAX_MS / 2);
      await halfOfIt.promise;
      return verifier.verify(token);
    };
    const answers = await Promise.all([answerOf((token) => verifier.verify(token)), answerOf(slowly), answerOf(never)]);
    for (const { status, body, tookMs } of answers) {
      expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
      expect(tookMs).toBeLessThan(ANSWER_MAX_MS);
    }
  });
});
