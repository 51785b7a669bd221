import { createTokenVerifier } from '@chat/auth';
import { asRoomId } from '@chat/dto';
import { createLogger, systemClock } from '@chat/service-kit';
import { requestJson, TEST_JWT_SECRET, type HttpUnderTest } from '@chat/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { RoomsContext } from '../rooms/change-room.ts';
import { RoomTurns } from '../rooms/room-turns.ts';
import type { CallerOptions } from './caller.ts';
import { publicHttpUnderTest } from './public-server-under-test.ts';
import { UsernameMemory } from './username-memory.ts';

type Verify = CallerOptions['verifier']['verify'];
type Stored = RoomsContext['database'];

const ANSWER_MAX_MS = 5_000;
const ROOM = '/api/v1/chat/chat-rooms/1';
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
const verify: Verify = (token) => verifier.verify(token);
const never = <Value>() => new Promise<Value>(() => {});
/** Every request to it hangs, as with a Postgres that is frozen. */
const hanging = {
  repositories: new Proxy({}, { get: () => new Proxy({}, { get: () => never }) }),
  transaction: never,
} as unknown as Stored; // a proxy for every repository

const closings: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closings) await close();
});

interface Served {
  readonly verify: Verify;
  readonly database?: Stored;
  readonly turns?: RoomTurns;
}

async function serve({ verify, database = hanging, turns = new RoomTurns() }: Served): Promise<HttpUnderTest> {
  const usernames = new UsernameMemory({ users: hanging.repositories.users, clock: systemClock, logger });
  const http = await publicHttpUnderTest({
    database,
    verifier: { verify },
    turns,
    onCaller: (caller) => void usernames.remember(caller),
  });
  closings.push(() => http.close());
  return http;
}

describe.concurrent('the deadline of a request', () => {
  const slowly: Verify = async (token) => {
    const half = Promise.withResolvers<void>();
    setTimeout(half.resolve, ANSWER_MAX_MS / 2);
    await half.promise;
    return verify(token);
  };

  it.each([
    ['the endpoint hangs', verify],
    ['authentication is slow and the endpoint hangs', slowly],
    ['authentication hangs', never],
  ])('is one for the whole answer: %s', { timeout: 20_000 }, async (_, verifyToken) => {
    const http = await serve({ verify: verifyToken });
    const startedAt = performance.now();
    const { status, body } = await requestJson('GET', `${http.baseUrl}${ROOM}`, { as: 1 }); // not judged: that takes time of its own
    const tookMs = performance.now() - startedAt;
    expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
    expect(tookMs).toBeLessThan(ANSWER_MAX_MS);
  });

  it('leaves a change undone that still waited for its turn', { timeout: 20_000 }, async () => {
    const [room, turns, gate] = [asRoomId(1), new RoomTurns(), Promise.withResolvers<void>()];
    let transactionCount = 0;
    const transaction = () => Promise.reject(new Error(`transaction ${(transactionCount += 1)}`));
    const http = await serve({ verify, turns, database: { ...hanging, transaction } });
    const inTime = new AbortController().signal;
    const earlier = turns.run(room, inTime, () => gate.promise);
    const { status, body } = await http.request('PATCH', ROOM, { as: 1, body: { name: 'late' } });
    expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
    gate.resolve();
    await earlier;
    await turns.run(room, inTime, () => Promise.resolve());
    expect(transactionCount).toBe(0);
  });
});
