import { openDatabase, type DatabaseService } from '@chat/database';
import {
  asMessageId,
  asRoomId,
  asUserId,
  BasicUserInfoDTOSchema,
  type MessageMemoryDTO,
  type RevocationRequest,
  type UserId,
} from '@chat/dto';
import { ChatError, createLogger, Registry, systemClock } from '@chat/service-kit';
import {
  createAnswerJudge,
  databaseUnderTest,
  httpUnderTest,
  type DatabaseUnderTest,
  type HttpUnderTest,
} from '@chat/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRoomsMetrics } from '../metrics.ts';
import { internalDocument } from '../openapi/documents.ts';
import { RoomTurns } from '../rooms/room-turns.ts';
import type { NotHeard } from '../stories/tell-story.ts';
import { createInternalServer } from './internal-server.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const metrics = createRoomsMetrics(new Registry());
const AT = new Date('2026-01-02T03:04:05.678Z');
let under: DatabaseUnderTest;
let database: DatabaseService;
let http: HttpUnderTest;
let isRedisUp = true;
let isKafkaUp = true;
let batch: string;
let memories: readonly MessageMemoryDTO[] = [];
let notHeard: readonly NotHeard[] = [];

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
  await database.start();
  const presence = {
    listOnline: async (userIds: readonly UserId[]) => {
      if (!isRedisUp) throw new ChatError('UNAVAILABLE');
      return new Set(userIds.filter((userId) => userId === 2));
    },
  };
  const revoke = async (payload: RevocationRequest) => {
    if (!isKafkaUp) throw new ChatError('UNAVAILABLE');
    const command = { id: 'r-1', target: 'user:7', name: 'auth.revoke', createdAt: AT.toISOString() };
    return { ...command, payload: { userId: payload.userId ?? 0 } };
  };
  http = await httpUnderTest(
    createInternalServer({
      ...{ stored: database.repositories, presence, revoke, document: '{}', metrics, logger },
      stories: {
        rows: database.repositories.messageStories,
        askGateways: () => Promise.resolve({ memories, notHeard }),
      },
      erasure: {
        ...{ database, clock: systemClock, turns: new RoomTurns(), invitationLifeMs: 1, onEvents: () => {}, logger },
        nextMessageId: () => asMessageId(1),
        endSessions: () => (isKafkaUp ? Promise.resolve() : Promise.reject(new ChatError('UNAVAILABLE'))),
        listLogEnds: () => Promise.resolve(new Map()),
      },
    }),
    createAnswerJudge(internalDocument()),
  );
  const { rooms, members, users } = database.repositories;
  const base = {
    name: 'x',
    description: '',
    type: 'GROUP',
    visibility: 'PRIVATE',
    metadata: {},
    ownerId: asUserId(1),
    at: AT,
  } as const;
  const { id: roomId } = await rooms.createRoom(base);
  await members.addMember({ roomId, userId: asUserId(1), role: 'OWNER', version: 1 }, AT);
  await members.addMember({ roomId, userId: asUserId(2), role: 'MEMBER', version: 2 }, AT);
  await users.saveUsernames(new Map([[asUserId(1), 'john.doe']]), AT);
  batch = `/internal/chat/chat-rooms/${roomId}/presence/websocket/users/batch`;
});

afterAll(async () => {
  await http?.close();
  await database?.stop();
  await under?.cleanUp();
});

describe('the presence of the users of a room', () => {
  it('is that of all members where no user is named', async () => {
    const { status, body } = await http.request('GET', batch);
    expect(status).toBe(200);
    expect(body).toEqual(
      expect.arrayContaining([
        { id: 1, username: 'john.doe', isOnline: false },
        { id: 2, username: 'user-2', isOnline: true },
      ]),
    );
    expect(body).toHaveLength(2);
    expect(body.every((item: unknown) => BasicUserInfoDTOSchema.safeParse(item).success)).toBe(true);
  });

  it('is that of the users named, each once, in their order', async () => {
    const { body } = await http.request('GET', `${batch}?userIds=2,7,2`);
    expect(body).toEqual([
      { id: 2, username: 'user-2', isOnline: true },
      { id: 7, username: 'user-7', isOnline: false },
    ]);
  });

  it.each(['', 'x', '1,', '1, 2', '0', Array.from({ length: 201 }, (_, index) => index + 1).join(',')])(
    'refuses userIds of "%s"',
    async (userIds) => {
      expect(await http.request('GET', `${batch}?userIds=${encodeURIComponent(userIds)}`)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'userIds', message: 'must be 1 to 200 user ids, separated by commas' }] },
      });
    },
  );

  it('takes 200 users', async () => {
    const userIds = Array.from({ length: 200 }, (_, index) => index + 1).join(',');
    expect((await http.request('GET', `${batch}?userIds=${userIds}`)).body).toHaveLength(200);
  });

  it('is UNAVAILABLE while Redis is, and never a made-up "offline"', async () => {
    isRedisUp = false;
    const answer = await http.request('GET', batch);
    isRedisUp = true;
    expect(answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE', retryable: true } });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('of an unknown room is a 404', async () => {
    expect(await http.request('GET', batch.replace(/chat-rooms\/\d+/, 'chat-rooms/999999'))).toMatchObject({
      status: 404,
      body: { code: 'ROOM_NOT_FOUND' },
    });
  });
});

describe('last seen', () => {
  const ask = (query: string) => http.request('GET', `/internal/chat/room_last_seen${query}`);

  it('has the documented shape', async () => {
    await database.repositories.lastSeen.saveLastSeen([{ roomId: asRoomId(5), userId: asUserId(2), lastSeenAt: AT }]);
    expect(await ask('?chatRoomId=5&userId=2')).toMatchObject({
      status: 200,
      body: { chatRoomId: 5, userId: 2, lastSeenAt: '2026-01-02T03:04:05.678Z' },
    });
  });

  it('is a 404 for who was never seen', async () => {
    expect(await ask('?chatRoomId=5&userId=3')).toMatchObject({ status: 404, body: { code: 'LAST_SEEN_NOT_FOUND' } });
  });

  it('names what is missing or no id', async () => {
    expect(await ask('?userId=3')).toMatchObject({ status: 400, body: { errors: [{ field: 'chatRoomId' }] } });
    expect(await ask('?chatRoomId=5&userId=x')).toMatchObject({ status: 400, body: { errors: [{ field: 'userId' }] } });
  });
});

describe('the story of a message', () => {
  const told = { instanceId: 'ws-gateway-1', at: AT.toISOString(), roomId: asRoomId(900), senderId: asUserId(1) };
  const passage = {
    ...{ instanceId: 'ws-gateway-2', at: AT.toISOString(), roomId: asRoomId(900), partition: 3, offset: 17 },
    ...{ deliveredCount: 1, heldCount: 0 },
  };

  beforeAll(() =>
    under.query(
      `INSERT INTO messages (room_id, epoch, partition, log_offset, seq, sender_ordinal, id, sender_id, content, type, sent_at,
         stored_at, client_message_id)
       VALUES (900, 1, 3, 17, 1, 1, 4711, 1, 'secret words', 'GROUP', $1, $1, 'told')`,
      [AT],
    ),
  );
  afterEach(() => {
    [memories, notHeard] = [[], []];
  });

  it('is what the row has for good, with what the gateways remember', async () => {
    memories = [
      { answers: [{ ...told, clientMessageId: 'told', messageId: asMessageId(4711) }], passages: [] },
      { answers: [], passages: [passage] },
    ];
    notHeard = [{ name: 'ws-gateway-3', reason: 'did not answer in time' }];
    const { status, body } = await http.request('GET', '/internal/chat/messages/4711/trace');
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ outcome: 'STORED', messageId: 4711, roomId: 900, senderId: 1, clientMessageId: 'told' },
      ...{ acceptedBy: 'ws-gateway-1', acceptedAt: AT.toISOString(), storedAt: AT.toISOString() },
      position: { epoch: 1, partition: 3, offset: 17 },
      recipients: { recipientCount: 0, deliveredCount: 0, readCount: 0 },
      answers: [{ ...told, clientMessageId: 'told', messageId: 4711 }],
      gateways: [passage],
      notHeard,
    });
    const named = await http.request('GET', '/internal/chat/messages/trace?roomId=900&senderId=1&clientMessageId=told');
    expect(named.body).toEqual(body);
  });

  it('is what the gateways remember of one that is not stored, that repeats another, or that was refused', async () => {
    memories = [{ answers: [], passages: [passage] }];
    const accepted = await http.request('GET', '/internal/chat/messages/4712/trace');
    expect(accepted.body).toMatchObject({ outcome: 'ACCEPTED', position: { partition: 3, offset: 17 } });
    expect(accepted.body).not.toHaveProperty('storedAt');
    memories = [{ answers: [], passages: [{ ...passage, repeatOf: asMessageId(4711) }] }];
    const repeat = await http.request('GET', '/internal/chat/messages/4712/trace');
    expect(repeat.body).toMatchObject({ outcome: 'REPEATED', repeatOf: 4711 });
    memories = [{ answers: [{ ...told, clientMessageId: 'no', code: 'ROOM_ARCHIVED' }], passages: [] }];
    const refused = await http.request('GET', '/internal/chat/messages/trace?roomId=900&senderId=1&clientMessageId=no');
    expect(refused.body).toMatchObject({ outcome: 'REFUSED', answers: [{ code: 'ROOM_ARCHIVED' }] });
    expect(refused.body).not.toHaveProperty('messageId');
  });

  it('is none where nobody knows the message, and to be asked for again where one was not heard', async () => {
    const unknown = await http.request('GET', '/internal/chat/messages/4713/trace');
    expect(unknown).toMatchObject({ status: 404, body: { code: 'MESSAGE_NOT_FOUND' } });
    notHeard = [{ name: 'ws-gateway-3', reason: 'did not answer in time' }];
    const unsure = await http.request('GET', '/internal/chat/messages/4713/trace');
    expect(unsure).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    expect((await http.request('GET', '/internal/chat/messages/x/trace')).status).toBe(400);
  });
});

describe('a revocation', () => {
  const ask = (body: unknown) => http.request('POST', '/internal/chat/revocations', { body });

  it('is answered with the command once Kafka has it', async () => {
    expect(await ask({ userId: 7 })).toMatchObject({
      status: 202,
      body: { name: 'auth.revoke', target: 'user:7', payload: { userId: 7 } },
    });
  });

  it('that names nothing, or two things, is refused', async () => {
    for (const body of [{}, { userId: 7, tokenId: 't' }]) {
      expect(await ask(body)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'body', message: 'must have exactly one of userId, sessionId and tokenId' }] },
      });
    }
  });

  it('is UNAVAILABLE while Kafka is', async () => {
    isKafkaUp = false;
    const answer = await ask({ userId: 7 });
    isKafkaUp = true;
    expect(answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  });
});

describe('an erasure', () => {
  const ask = (user: string) => http.request('POST', `/internal/chat/users/${user}/erasure`);

  it('is answered with how far it has come', async () => {
    expect(await ask('31')).toMatchObject({
      status: 200,
      body: { userId: 31, isComplete: false, waitsFor: 'SESSIONS' },
    });
  });

  it('is refused for what is no user, and while Kafka is away', async () => {
    expect(await ask('x')).toMatchObject({ status: 400, body: { errors: [{ field: 'userId' }] } });
    isKafkaUp = false;
    const answer = await ask('33'); // whose sessions are yet to be ended
    isKafkaUp = true;
    expect(answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
  });
});

describe('the internal listener', () => {
  it('answers 404 and 405 as problems', async () => {
    expect(await http.request('GET', '/internal/chat/other')).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
    expect(await http.request('POST', batch)).toMatchObject({ status: 405 });
  });

  it('changes nothing for a page in a browser, which may ask all the same', async () => {
    const post = (headers: Record<string, string>) =>
      http.request('POST', '/internal/chat/users/32/erasure', { headers });
    for (const headers of [{ origin: 'https://page.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      expect(await post(headers)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }
    expect((await http.request('GET', batch, { headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(200);
    expect((await post({})).status).toBe(200);
  });

  it('does not have the public endpoints', async () => {
    expect(await http.request('GET', '/api/v1/chat/chat-rooms', { as: 1 })).toMatchObject({ status: 404 });
  });
});
