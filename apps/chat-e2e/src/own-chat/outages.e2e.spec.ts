import { setTimeout as pause } from 'node:timers/promises';
import type { RoomNotificationDTO, UnreadDTO } from '@chat/dto';
import { eventually, type TcpProxy } from '@chat/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { refusalOf, ROOMS, type ChatDriver } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson } from '../clients/person.ts';
import { RestCaller } from '../clients/rest-caller.ts';
import { INSTANCE_NAMES, type InstanceName } from '../harness/app-instances.ts';
import type { ChatNetwork, RunningChat } from '../harness/start-chat.ts';
import { useOwnChat } from './own-chat.ts';
import { eventsOf, expectStored, idsIn, roomOfTwo } from '../room-of-two.ts';
import { sumAt } from '../harness/app-metrics.ts';

/** From the end of an outage to every app being ready, in ms. */
const READY_AGAIN_MS = 30_000;
/** Nothing stays unanswered for longer, in ms. */
const ANSWER_DEADLINE_MS = 5_000;

/** Longer than any app waits for one answer, and longer than Kafka keeps a member of a group that is not heard of, in ms. */
const SHORT_OUTAGE_MS = 10_000;
const LONG_OUTAGE_MS = 40_000;

/** Longer than the group of a gateway's reader, or of the persister, keeps a member that is not heard of, in ms. */
const FROZEN_MS = 33_000;
/** Time between two messages meanwhile, in ms. */
const MEANWHILE_EVERY_MS = 250;

let running: RunningChat;
let chat: ChatDriver;
let network: ChatNetwork;
let parts: readonly TcpProxy[];

useOwnChat('outages', { presenceGraceMs: 2_000, isCuttable: true }, (own) => {
  ({ running, chat, network } = own);
  parts = [network.kafka, network.postgres, network.redis];
});
afterEach(async () => {
  for (const service of Object.values(running.services)) service.signal('SIGCONT');
  for (const part of parts) part.mend();
  await everyAppIsReady();
});

interface Readiness {
  readonly status: string;
  readonly dependencies: Readonly<Record<string, { readonly status: string; readonly reason?: string }>>;
}

const readinessOf = (name: InstanceName) =>
  new RestCaller(running.addresses.internalUrls[name]).get<Readiness>('/readyz');

async function everyAppIsReady(): Promise<void> {
  await eventually(
    async () => {
      for (const name of INSTANCE_NAMES) expect((await readinessOf(name)).status).toBe(200);
    },
    { deadlineMs: READY_AGAIN_MS, everyMs: 200 },
  );
}

/** The dependencies that an app says it misses. */
async function missingOf(name: InstanceName): Promise<readonly string[]> {
  const { dependencies } = (await readinessOf(name)).body;
  return Object.keys(dependencies).filter((dependency) => dependencies[dependency]?.status !== 'UP');
}

/** Checks that ask another dependency, and so fall with it. */
const WHAT_ASKS: Readonly<Record<string, readonly string[]>> = { postgres: ['log epoch'] };

/** The app says what it misses, and is alive all the same; with 200 it takes work without it. */
async function expectMissing(dependency: string, names: readonly InstanceName[], expected = 503): Promise<void> {
  for (const name of names) {
    const { status, body } = await eventually(async () => {
      const answer = await readinessOf(name);
      expect(answer.status).toBe(expected);
      expect(answer.body.dependencies[dependency]?.status).toBe('DOWN');
      return answer;
    });
    expect(status).toBe(expected);
    expect(body.dependencies[dependency]).toMatchObject({ status: 'DOWN', reason: expect.any(String) as string });
    const asked: readonly string[] = WHAT_ASKS[dependency] ?? [];
    const others = Object.entries(body.dependencies).filter(
      ([other]) => other !== dependency && !asked.includes(other),
    );
    for (const [, state] of others) expect(state.status).toBe('UP');
    expect((await fetch(`${running.addresses.internalUrls[name]}/livez`)).status).toBe(200);
  }
}

describe('while Postgres does not answer', () => {
  it('open sessions go on, the rest is refused as retryable in time, and the history catches up after it', async () => {
    const { ann, roomId, ofAnn, roomOfBen: room } = await roomOfTwo(chat);
    await ofAnn.sendMessage(roomId, marked('before'));
    const other = await chat.createRoomOf(ann);
    const targetId = Number(await ofAnn.sendMessage(other, marked('to be edited')));

    network.postgres.cut();
    for (let at = 0; at < 20; at += 1) await ofAnn.sendMessage(roomId, marked(`meanwhile ${at}`));
    await eventually(() => expect(room.messages).toHaveLength(21));
    await expectMissing('postgres', ['rooms-api', 'ws-gateway-1', 'message-persister']);

    await ofAnn.send(`/app/chat.edit/${other}`, { targetId, content: marked('edited') });
    const ofUnknown = ofAnn.send(`/app/chat.react/${other}`, { targetId: 12345, content: '👍' });
    expect(await refusalOf(ofUnknown)).toMatchObject({ code: 'UNAVAILABLE', retryable: true });

    const askedAt = performance.now();
    const answer = await chat.as(ann).get(`${ROOMS}/user`);
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ code: 'UNAVAILABLE' });
    expect(performance.now() - askedAt).toBeLessThan(ANSWER_DEADLINE_MS);

    const connection = await chat.openRaw(0);
    connection.sendFrame('CONNECT', { 'accept-version': '1.2', Authorization: `Bearer ${newPerson('new').token}` });
    expect((await connection.next('ERROR')).headers['code']).toBe('UNAVAILABLE');
    expect((await connection.ended()).code).toBe(1013);

    network.postgres.mend();
    await everyAppIsReady();
    await expectStored(chat, roomId, room);
    expect((await chat.as(ann).get(`${ROOMS}/user`)).status).toBe(200);
  });
});

describe('while Postgres does not answer, a user', () => {
  it('is notified without a count, reads what his gateway has read, and both are right after it', async () => {
    const { ann, ben, roomId, ofAnn, ofBen } = await roomOfTwo(chat);
    const laptop = await chat.connect(ben, 0);
    const notifications = await laptop.subscribe('/user/queue/notifications');
    const last = () => notifications.bodies<RoomNotificationDTO>().at(-1);

    network.postgres.cut();
    const ids: number[] = [];
    for (let at = 0; at < 3; at += 1) ids.push(Number(await ofAnn.sendMessage(roomId, marked(`meanwhile ${at}`))));
    const shown = { deadlineMs: 10_000, everyMs: 100 };
    await eventually(() => expect(last()?.lastMessage?.id).toBe(ids[2]), shown);
    expect(last()).not.toHaveProperty('unreadCount');
    await ofBen.send(`/app/chat.read/${roomId}`, { messageId: ids[1] });

    network.postgres.mend();
    await everyAppIsReady();
    const unread = async () => (await chat.as(ben).get<UnreadDTO>(`${ROOMS}/unread`)).body.rooms;
    await eventually(async () => expect(await unread()).toEqual([{ roomId, unreadCount: 1 }]), shown);
    const next = Number(await ofAnn.sendMessage(roomId, marked('after')));
    await eventually(() => expect(last()).toMatchObject({ unreadCount: 2, lastMessage: { id: next } }), shown);
    expect((await chat.as(ann).get<UnreadDTO>(`${ROOMS}/unread`)).body.total).toBe(0);
  });
});

describe('while Redis does not answer', () => {
  it('messages go on, presence is stale, and after it presence is right without a false OFFLINE', async () => {
    const { ann, ben, roomId, ofAnn, ofBen, roomOfBen: room } = await roomOfTwo(chat);
    const cid = await chat.newMember(roomId, 'cid');
    const ofCid = await chat.connect(cid, 0);
    const presence = await ofBen.subscribe(`/topic/chat_rooms/${roomId}/presence`);
    await eventually(async () => {
      for (const { id } of [ann, cid]) expect(await chat.redis.hget(`presence:user:${id}`, 'state')).toBe('ONLINE');
    });

    network.redis.cut();
    const messageId = await ofAnn.sendMessage(roomId, marked('without Redis'));
    await eventually(() => expect(idsIn(room)).toEqual([messageId]));
    await expectMissing('redis', ['presence-worker']);
    await expectMissing('redis', ['rooms-api', 'ws-gateway-1'], 200);
    expect((await chat.as(ann).get(`${ROOMS}/user`)).status).toBe(200);
    await eventually(async () => {
      for (const name of ['rooms-api', 'ws-gateway-1'] as const) {
        const url = running.addresses.internalUrls[name];
        expect(await sumAt(url, 'chat_redis_unshared_total', 'of="limits"')).toBeGreaterThan(0);
      }
    });
    await ofCid.disconnect();
    network.redis.mend();
    await everyAppIsReady();

    await eventually(() => expect(eventsOf(presence, cid)).toContain('OFFLINE'), { deadlineMs: READY_AGAIN_MS });
    expect(eventsOf(presence, cid).filter((event) => event === 'OFFLINE')).toHaveLength(1);
    for (const person of [ann, ben]) expect(eventsOf(presence, person)).not.toContain('OFFLINE');
    const { body } = await chat.internal.get<{ id: number; isOnline: boolean }[]>(
      `/internal/chat/chat-rooms/${roomId}/presence/websocket/users/batch?userIds=${ann.id},${ben.id},${cid.id}`,
    );
    expect(
      body
        .filter(({ isOnline }) => isOnline)
        .map(({ id }) => id)
        .sort(),
    ).toEqual([ann.id, ben.id].sort());
  });

  it('keys that are lost altogether are made again', async () => {
    const { ann, roomId, ofAnn, roomOfBen: room } = await roomOfTwo(chat);
    await eventually(async () => expect(await chat.redis.hget(`presence:user:${ann.id}`, 'state')).toBe('ONLINE'));

    const claim = await chat.redis.get('chat-e2e:claim');
    await chat.redis.flushdb();
    await chat.redis.set('chat-e2e:claim', claim ?? '');
    const messageId = await ofAnn.sendMessage(roomId, marked('over an empty Redis'));

    await eventually(() => expect(idsIn(room)).toEqual([messageId]));
    await eventually(async () => expect(await chat.redis.hget(`presence:user:${ann.id}`, 'state')).toBe('ONLINE'), {
      deadlineMs: READY_AGAIN_MS,
    });
  });
});

describe('a gateway and a persister that were frozen for longer than anybody waits for them', () => {
  it('go on: its users are offline meanwhile and online again after it; every message is heard once and stored once', async () => {
    const { ann, roomId, ofAnn, ofBen, roomOfAnn, roomOfBen: room } = await roomOfTwo(chat);
    const presence = await ofBen.subscribe(`/topic/chat_rooms/${roomId}/presence`);
    await eventually(async () => expect(await chat.redis.hget(`presence:user:${ann.id}`, 'state')).toBe('ONLINE'));
    await ofAnn.sendMessage(roomId, marked('before'));
    const frozen = [running.services['ws-gateway-1'], running.services['message-persister']];

    for (const service of frozen) service.signal('SIGSTOP');
    const thawAt = performance.now() + FROZEN_MS;
    for (let count = 1; performance.now() < thawAt; count += 1) {
      await ofBen.sendMessage(roomId, marked(`meanwhile ${count}`));
      await pause(MEANWHILE_EVERY_MS);
    }
    expect(eventsOf(presence, ann)).toContain('OFFLINE');
    for (const service of frozen) service.signal('SIGCONT');

    await eventually(() => expect(eventsOf(presence, ann).at(-1)).toBe('ONLINE'), { deadlineMs: 15_000 });
    expect(ofAnn.isConnected).toBe(true);
    const after = await ofAnn.sendMessage(roomId, marked('after'));
    await eventually(() => expect(idsIn(room)).toContain(after));
    await eventually(() => expect(idsIn(roomOfAnn)).toEqual(idsIn(room)), { deadlineMs: 15_000 });
    await expectStored(chat, roomId, room);
  });
});

describe.each([
  ['is unreachable', 'cut', SHORT_OUTAGE_MS],
  ['swallows every packet', 'blackHole', LONG_OUTAGE_MS],
] as const)('a network that %s, to Kafka, Postgres and Redis alike', (_, fault, outageMs) => {
  it(
    'leaves every app as it was: ready again, no message lost, none twice, one order',
    { timeout: 180_000 },
    async () => {
      const { roomId, ofAnn, ofBen, roomOfAnn, roomOfBen: room } = await roomOfTwo(chat);
      const pids = INSTANCE_NAMES.map((name) => running.services[name].pid);
      const before = await ofAnn.sendMessage(roomId, marked('before'));

      for (const part of parts) part[fault]();
      const sends = [ofAnn, ofBen].map((session) => refusalOf(session.sendMessage(roomId, marked('meanwhile'))));
      for (const { retryable } of await Promise.all(sends)) expect(retryable).toBe(true);
      await pause(outageMs);
      for (const part of parts) part.mend();
      await everyAppIsReady();

      const after = await ofAnn.sendMessage(roomId, marked('after'));
      await eventually(() => expect(idsIn(room)).toContain(after), { deadlineMs: READY_AGAIN_MS });
      expect(idsIn(room)[0]).toBe(before);
      expect(new Set(idsIn(room)).size).toBe(room.messages.length);
      await eventually(() => expect(idsIn(roomOfAnn)).toEqual(idsIn(room)));
      await expectStored(chat, roomId, room);
      expect(INSTANCE_NAMES.map((name) => running.services[name].pid)).toEqual(pids);
    },
  );
});

describe('connections to Kafka, Postgres and Redis that die without a word while new ones can be made', () => {
  it('are given up: every app is ready, and messages go on, within 30 s', async () => {
    const { ann, roomId, ofAnn, roomOfBen: room } = await roomOfTwo(chat);
    await ofAnn.sendMessage(roomId, marked('before'));

    for (const part of parts) part.stall();
    const inTime = { deadlineMs: READY_AGAIN_MS, everyMs: 200 };
    const isHeard = async () => {
      const after = await eventually(() => ofAnn.sendMessage(roomId, marked('after')), inTime);
      await eventually(() => expect(idsIn(room)).toContain(after), inTime);
    };
    await Promise.all([
      ...INSTANCE_NAMES.map((name) => eventually(async () => expect(await missingOf(name)).toEqual([]), inTime)),
      eventually(async () => expect((await chat.as(ann).get(`${ROOMS}/user`)).status).toBe(200), inTime),
      isHeard(),
    ]);
    await expectStored(chat, roomId, room);
  });
});
