import { createTokenVerifier } from '@chat/auth';
import { openDatabase, type DatabaseService } from '@chat/database';
import { asRoomId, asUserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import {
  databaseUnderTest,
  TEST_JWT_SECRET,
  type DatabaseUnderTest,
  type HttpUnderTest,
  type TestAnswer,
} from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../openapi/operation.ts';
import { PUBLIC_OPERATIONS } from '../openapi/public-operations.ts';
import { ROOMS_PATH } from './paths.ts';
import { publicHttpUnderTest } from './public-server-under-test.ts';

const [OWNER, INVITED, STRANGER, BANNED] = [1, 2, 3, 4];
const MISSING_ROOM = 999_999_999;
const AT = new Date('2026-01-02T03:04:05Z');
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
let under: DatabaseUnderTest;
let database: DatabaseService;
let http: HttpUnderTest;
let roomId: number;

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
  const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
  http = await publicHttpUnderTest({ database, verifier });
  const created = await http.request('POST', ROOMS_PATH, { as: OWNER, body: { name: 'x', visibility: 'PRIVATE' } });
  roomId = created.body.id;
  await http.request('POST', `${ROOMS_PATH}/${roomId}/members`, { as: OWNER, body: { userId: INVITED } });
  await http.request('PUT', `${ROOMS_PATH}/${roomId}/bans/${BANNED}`, { as: OWNER, body: { reason: 'x' } });
  await database.repositories.users.saveUsernames(new Map([[asUserId(OWNER), 'john.doe']]), AT);
});
afterAll(async () => {
  await http?.close();
  await database?.stop();
  await under?.cleanUp();
});

/** A good body of each operation that has one. */
const BODIES: Readonly<Record<string, unknown>> = {
  updateRoom: { name: 'y' },
  addMember: { userId: 5 },
  changeRole: { role: 'ADMIN' },
  banUser: { reason: 'y' },
};

const ofRooms = Object.values(PUBLIC_OPERATIONS)
  .flatMap((table) => Object.entries<Operation>(table))
  .filter(([, { path }]) => /\{(id|roomId)\}/.test(path))
  .map(([name, operation]) => [name, operation] as const);

const ask = (name: string, { method, path, body }: Operation, as: number, room: number): Promise<TestAnswer> => {
  const address = path.replace(/\{(id|roomId)\}/, String(room)).replaceAll(/\{\w+\}/g, '1');
  if (body !== undefined && !(name in BODIES)) throw new Error(`${name} needs a body here`);
  return http.request(method.toUpperCase(), `${ROOMS_PATH}${address}`, { as, ...(body && { body: BODIES[name] }) });
};
const told = ({ status, body, headers }: TestAnswer) => ({
  ...{ status, body },
  headers: Object.fromEntries([...headers].filter(([name]) => name !== 'date')),
});

describe('a private room', () => {
  it.each(ofRooms)('is as none to a stranger, and to who is banned: %s', async (name, operation) => {
    const missing = told(await ask(name, operation, STRANGER, MISSING_ROOM));
    expect(missing.status).toBe(404);
    for (const who of [STRANGER, BANNED]) expect(told(await ask(name, operation, who, roomId))).toEqual(missing);
  });

  it.each(ofRooms.filter(([, { method }]) => method !== 'get'))(
    'is not held up by a stranger who is refused: %s',
    async (name, operation) => {
      await database.transaction(async ({ rooms }) => {
        await rooms.getRoomForUpdate(asRoomId(roomId));
        expect((await ask(name, operation, STRANGER, roomId)).status).toBe(404);
      });
    },
  );
});

describe('a user', () => {
  it('who was never seen is as anybody: their direct room is made, and their name is their number', async () => {
    const open = (userId: number) => http.request('POST', `${ROOMS_PATH}/direct/${userId}`, { as: STRANGER });
    const [known, unknown] = [await open(OWNER), await open(888_888_888)];
    expect([known.status, unknown.status]).toEqual([201, 201]);
    expect(Object.keys(unknown.body)).toEqual(Object.keys(known.body));
  });
});
