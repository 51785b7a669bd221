import { createTokenVerifier } from '@chat/auth';
import { openDatabase, type DatabaseService } from '@chat/database';
import { MessageDTOSchema } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import {
  databaseUnderTest,
  eventually,
  TEST_JWT_SECRET,
  type DatabaseUnderTest,
  type HttpUnderTest,
} from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicHttpUnderTest } from '../http/public-server-under-test.ts';
import type { PageDelivery } from './page-delivery.ts';

const ROOMS = '/api/v1/chat/chat-rooms';
const MESSAGE_COUNT = 250;
const MEMBER = 1;
const READER = 12;
const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
let under: DatabaseUnderTest;
let database: DatabaseService;
let http: HttpUnderTest;
let roomId: number;
/** What was told to be delivered. */
const deliveries: unknown[] = [];
const marks = {
  delivered: async (room: number, userId: number, delivery: PageDelivery) =>
    void deliveries.push({ room, userId, ...delivery }),
};
/** Ids in room order; they fall where the log rises, so that only the log can have ordered them. */
const ids = Array.from({ length: MESSAGE_COUNT }, (_, index) => 1_000_000 - index);

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
  http = await publicHttpUnderTest({ database, verifier, marks });
  roomId = (await http.request('POST', ROOMS, { as: MEMBER, body: { name: 'x' } })).body.id;
  await under.query(
    `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, sent_at)
     SELECT $1, 0, 2, i * 3, i + 1, i + 1, id, 1, 'text ' || id, 'GROUP', '2026-01-01T00:00:00Z'::timestamptz - i * interval '1 s'
     FROM unnest($2::bigint[]) WITH ORDINALITY AS m (id, i)`,
    [roomId, ids],
  );
});

afterAll(async () => {
  await http?.close();
  await database?.stop();
  await under?.cleanUp();
});

const read = (query: string, as = MEMBER) => http.request('GET', `${ROOMS}/${roomId}/messages${query}`, { as });
const idsOf = ({ body }: { body: { items: { id: number }[] } }) => body.items.map(({ id }) => id);

describe('the history of a room', () => {
  it('is delivered to who has read it, once it was sent, unless it is all his own', async () => {
    expect((await http.request('POST', `${ROOMS}/join/${roomId}`, { as: READER })).status).toBe(200);
    await read('?limit=5');
    await read('?limit=5', READER);
    await read(`?limit=5&after=${ids[9]}`, READER);
    const position = { epoch: 0, partition: 2 };
    await eventually(() =>
      expect(deliveries).toEqual([
        { room: roomId, userId: READER, position: { ...position, offset: 250 * 3 }, unbrokenFrom: 246 * 3 },
        { room: roomId, userId: READER, position: { ...position, offset: 15 * 3 }, unbrokenFrom: 10 * 3 },
      ]),
    );
  });

  it('is delivered to nobody by HEAD, which sends none of it', async () => {
    deliveries.length = 0;
    const head = await http.request('HEAD', `${ROOMS}/${roomId}/messages`, { as: READER });
    expect([head.status, head.body]).toEqual([200, null]);
    await read('?limit=3', READER); // what HEAD had told would stand before this
    await eventually(() => expect(deliveries).toMatchObject([{ userId: READER, unbrokenFrom: 248 * 3 }]));
  });

  it('is the newest 50 in room order where nothing is said', async () => {
    const answer = await read('');
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).sort()).toEqual(['hasMore', 'items']);
    expect(idsOf(answer)).toEqual(ids.slice(-50));
    expect(answer.body.hasMore).toBe(true);
    expect(answer.body.items[49]).toEqual({
      id: ids.at(-1),
      senderId: 1,
      roomId,
      content: `text ${ids.at(-1)}`,
      type: 'GROUP',
      timestamp: '2025-12-31T23:55:50.000Z',
    });
    expect(MessageDTOSchema.safeParse(answer.body.items[0]).success).toBe(true);
  });

  it.each([1, 7, 50, 200])('read backwards by %d misses and repeats nothing', async (limit) => {
    const seen: number[] = [];
    for (let cursor = ''; ; cursor = `&before=${seen[0]}`) {
      const answer = await read(`?limit=${limit}${cursor}`);
      seen.unshift(...idsOf(answer));
      if (!answer.body.hasMore) break;
    }
    expect(seen).toEqual(ids);
  });

  it.each([7, 50, 125, 200])('read forwards from the first by %d misses and repeats nothing', async (limit) => {
    const seen: number[] = [];
    for (let cursor = '0'; ; cursor = String(seen.at(-1))) {
      const answer = await read(`?limit=${limit}&after=${cursor}`);
      seen.push(...idsOf(answer));
      if (!answer.body.hasMore) break;
    }
    expect(seen).toEqual(ids);
  });

  it('after the last is empty', async () => {
    expect((await read(`?after=${ids.at(-1)}`)).body).toEqual({ items: [], hasMore: false });
    expect((await read(`?before=${ids[0]}`)).body).toEqual({ items: [], hasMore: false });
  });

  it('refuses before with after, an unknown cursor, and a limit over 200', async () => {
    const fieldsOf = async (query: string) => {
      const { status, body } = await read(query);
      return [status, body.code, body.errors?.map(({ field }: { field: string }) => field)];
    };
    expect(await fieldsOf(`?before=${ids[3]}&after=${ids[1]}`)).toEqual([400, 'INVALID_REQUEST', ['before', 'after']]);
    expect(await fieldsOf('?before=424242')).toEqual([400, 'INVALID_REQUEST', ['before']]);
    expect(await fieldsOf('?after=424242')).toEqual([400, 'INVALID_REQUEST', ['after']]);
    expect(await fieldsOf('?limit=201&after=x')).toEqual([400, 'INVALID_REQUEST', ['limit', 'after']]);
  });

  it('a cursor of another room is unknown', async () => {
    const other = (await http.request('POST', ROOMS, { as: MEMBER, body: { name: 'y' } })).body.id;
    expect(await http.request('GET', `${ROOMS}/${other}/messages?after=${ids[0]}`, { as: MEMBER })).toMatchObject({
      status: 400,
    });
  });

  it('is for members', async () => {
    expect(await read('', 2)).toMatchObject({ status: 403, body: { code: 'NOT_A_MEMBER' } });
    expect(await http.request('GET', `${ROOMS}/999999/messages`, { as: MEMBER })).toMatchObject({
      status: 404,
      body: { code: 'ROOM_NOT_FOUND' },
    });
  });
});
