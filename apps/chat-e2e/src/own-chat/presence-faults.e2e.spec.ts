import { setTimeout as pause } from 'node:timers/promises';
import type { BasicUserInfoDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChatDriver, GatewayIndex } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson, type Person } from '../clients/person.ts';
import type { StompSession } from '../clients/stomp-session.ts';
import type { ChatNetwork, RunningChat } from '../harness/start-chat.ts';
import { useOwnChat } from './own-chat.ts';
import { knowledgeOf } from '../presence-knowledge.ts';
import { eventsOf, idsIn } from '../room-of-two.ts';

const GRACE_MS = 2_000;
/** From the kill of a gateway to OFFLINE of its users, in ms: 35 s with the default grace of 10 s. */
const OFFLINE_AFTER_KILL_MS = 25_000 + GRACE_MS;
/** From the loss of all that Redis holds to presence being right, in ms. */
const RIGHT_AGAIN_MS = 35_000;
const VISITS = 3;

let running: RunningChat;
let chat: ChatDriver;
let network: ChatNetwork;

useOwnChat('presence-faults', { presenceGraceMs: GRACE_MS, isCuttable: true }, (own) => {
  ({ running, chat, network } = own);
});
afterEach(async () => {
  network.redis.mend();
  await Promise.all(Object.values(running.services).map((service) => service.isRunning || service.start()));
});

/** A room with a watcher at the second gateway, and others who are its members. */
async function watchedRoom(count: number) {
  const [watcher, ...people] = Array.from({ length: count + 1 }, () => newPerson());
  if (watcher === undefined) throw new Error('nobody watches');
  const roomId = await chat.createRoomOf(watcher, ...people);
  const session = await chat.connect(watcher, 1);
  const room = await session.subscribe(`/topic/chat_rooms/${roomId}`);
  const presence = await session.subscribe(`/topic/chat_rooms/${roomId}/presence`);
  /** What the watcher was told of somebody's coming and going. */
  const toldOf = (person: Person) =>
    eventsOf(presence, person).filter((event) => event === 'ONLINE' || event === 'OFFLINE' || event === 'RECONNECTED');
  return { watcher, people, roomId, session, room, presence, toldOf };
}

async function onlineIn(roomId: number): Promise<readonly number[]> {
  const path = `/internal/chat/chat-rooms/${roomId}/presence/websocket/users/batch`;
  const { body } = await chat.internal.get<BasicUserInfoDTO[]>(path);
  return body.filter(({ isOnline }) => isOnline).map(({ id }) => id);
}

const idsOf = (...groups: readonly (readonly Person[])[]) =>
  groups
    .flat()
    .map(({ id }) => id)
    .sort((a, b) => a - b);

describe('presence-worker that is doubled, killed and comes back while sessions come and go', () => {
  it('loses nothing and tells nothing twice', async () => {
    const { people, roomId, toldOf, watcher } = await watchedRoom(12);
    const visit = async (person: Person, index: number) => {
      for (let count = 0; count < VISITS; count += 1) {
        const session = await chat.connect(person, (index % 2) as GatewayIndex);
        await pause(700 + 100 * index);
        await session.disconnect();
        await pause(700);
      }
    };
    const visits = Promise.all(people.map(visit));
    const worker = running.services['presence-worker'];

    const another = await running.startAnother('presence-worker-2');
    await worker.kill();
    await worker.start();
    await another.kill();
    await visits;

    const each = Array.from({ length: VISITS }, () => ['ONLINE', 'OFFLINE']).flat();
    await eventually(
      () => {
        for (const person of people) expect(toldOf(person)).toEqual(each);
      },
      { deadlineMs: 20_000, everyMs: 200 },
    );
    expect(await onlineIn(roomId)).toEqual([watcher.id]);
  });
});

describe('a gateway killed together with a presence-worker that owns shards of its users', () => {
  it('leaves nobody online for longer than 35 s; each is offline once, and who came back is not', async () => {
    const { people, toldOf, roomId, watcher, presence } = await watchedRoom(20);
    const another = await running.startAnother('presence-worker-3');
    await Promise.all(people.map((person) => chat.connect(person, 0)));
    await eventually(() => {
      for (const person of people) expect(toldOf(person)).toEqual(['ONLINE']);
    });
    const [back, gone] = [people.slice(0, 5), people.slice(5)];

    const killedAt = performance.now();
    await Promise.all([running.services['ws-gateway-1'].kill(), running.services['presence-worker'].kill()]);
    await Promise.all(back.map((person) => chat.connect(person, 1)));

    await eventually(
      () => {
        for (const person of gone) expect(toldOf(person)).toEqual(['ONLINE', 'OFFLINE']);
      },
      { deadlineMs: OFFLINE_AFTER_KILL_MS - (performance.now() - killedAt), everyMs: 100 },
    );
    await running.services['presence-worker'].start();
    await another.terminate();
    const last = people.at(-1) ?? watcher;
    const visit = await chat.connect(last, 1); // behind whatever might be told twice
    const visited = ['ONLINE', 'OFFLINE', 'ONLINE'];
    await eventually(() => expect(toldOf(last)).toEqual(visited), { deadlineMs: 20_000 });
    await visit.disconnect();
    await eventually(() => expect(toldOf(last)).toEqual([...visited, 'OFFLINE']), { deadlineMs: 20_000 });
    for (const person of gone.slice(0, -1)) expect(toldOf(person)).toEqual(['ONLINE', 'OFFLINE']);
    for (const person of back) expect(toldOf(person)).not.toContain('OFFLINE');
    expect((await onlineIn(roomId)).toSorted((a, b) => a - b)).toEqual(idsOf(back, [watcher]));
    expect(knowledgeOf(presence).onlineIds).toEqual(idsOf(back, [watcher]));
  });
});

/** Redis dies and is back with nothing: connections break, and every key is gone. */
async function emptyRedis(): Promise<void> {
  const claim = await chat.redis.get('chat-e2e:claim');
  network.redis.cut();
  await chat.redis.flushdb();
  await chat.redis.set('chat-e2e:claim', claim ?? '');
  network.redis.mend();
}

describe('Redis that comes back empty while sessions come and go and messages flow', () => {
  it('makes nobody offline wrongly, and presence is right again within 35 s', { timeout: 90_000 }, async () => {
    const { people, roomId, room, presence, session, toldOf, watcher } = await watchedRoom(16);
    const sessions = new Map<Person, StompSession>();
    for (const [index, person] of people.entries()) {
      if (index < 12) sessions.set(person, await chat.connect(person, (index % 2) as GatewayIndex));
    }
    const [leaving, staying, coming] = [people.slice(0, 4), people.slice(4, 12), people.slice(12)];
    await eventually(() => expect(knowledgeOf(presence).onlineIds).toEqual(idsOf(leaving, staying, [watcher])));

    const lostAt = performance.now();
    await emptyRedis();
    const sent: string[] = [];
    for (const [index, person] of leaving.entries()) {
      await sessions.get(person)?.disconnect();
      await chat.connect(coming[index] ?? person, (index % 2) as GatewayIndex);
      sent.push(await session.sendMessage(roomId, marked(`meanwhile ${index}`)));
    }
    const online = idsOf(staying, coming, [watcher]);
    await eventually(
      async () => {
        const { onlineIds, isStale } = knowledgeOf(presence);
        expect(isStale).toBe(false);
        expect(onlineIds).toEqual(online);
        expect((await onlineIn(roomId)).toSorted((a, b) => a - b)).toEqual(online);
        expect(presence.bodies<{ isStale?: true }>().some(({ isStale: wasStale }) => wasStale === true)).toBe(true);
      },
      { deadlineMs: RIGHT_AGAIN_MS, everyMs: 200 },
    );
    expect(performance.now() - lostAt).toBeLessThan(RIGHT_AGAIN_MS);
    expect(idsIn(room)).toEqual(sent);
    for (const person of [...staying, watcher]) expect(eventsOf(presence, person)).not.toContain('OFFLINE');
    for (const person of leaving) expect(toldOf(person).filter((event) => event === 'OFFLINE')).toHaveLength(1);
  });
});

describe('while Redis is away', () => {
  it('presence says that it is stale, to who listens and to who subscribes, and nobody waits; then it is right', async () => {
    const { people, roomId, presence, session, room, watcher } = await watchedRoom(2);
    const [ann, ben] = people as [Person, Person];
    const ofAnn = await chat.connect(ann, 0);
    await eventually(() => expect(knowledgeOf(presence).onlineIds).toEqual(idsOf([ann, watcher])));

    network.redis.cut();
    const askedAt = performance.now();
    const ofNewcomer = await ofAnn.subscribe(`/topic/chat_rooms/${roomId}/presence`);
    expect(performance.now() - askedAt).toBeLessThan(4_000);
    expect(knowledgeOf(ofNewcomer).isStale).toBe(true);
    await eventually(() => expect(knowledgeOf(presence).isStale).toBe(true), { deadlineMs: 10_000 });
    const messageId = await session.sendMessage(roomId, marked('without Redis'));
    await eventually(() => expect(idsIn(room)).toEqual([messageId]));
    await chat.connect(ben, 0);
    network.redis.mend();

    await eventually(
      () => {
        for (const known of [presence, ofNewcomer]) {
          expect(knowledgeOf(known)).toMatchObject({ isStale: false, onlineIds: idsOf([ann, ben, watcher]) });
        }
      },
      { deadlineMs: RIGHT_AGAIN_MS, everyMs: 200 },
    );
  });
});
