import { setTimeout as pause } from 'node:timers/promises';
import type { MessageDTO } from '@chat/dto';
import { STOP_DEADLINE_MS } from '@chat/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ROOMS, type ChatDriver } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson } from '../clients/person.ts';
import { RefusedError, SessionEndedError, type OpenSubscription } from '../clients/stomp-session.ts';
import type { InstanceName } from '../harness/app-instances.ts';
import type { ChatNetwork, RunningChat } from '../harness/start-chat.ts';
import { useOwnChat } from './own-chat.ts';
import { expectStored, idsIn } from '../room-of-two.ts';
import { Talker } from './talker.ts';

const ROOM_COUNT = 20;
const TALKERS_PER_ROOM = 11;
const SAYS_EVERY_MS = 1_000;
/** What every talker says in the moment before the signal. */
const SAID_AT_ONCE = 3;
/** How long they talk before that, and how long work waits for a hung part before the signal, in ms. */
const TALKING_MS = 2_000;
/**
 * Of what goes to Kafka and of what comes, at the signal, in ms: SENDs are in flight for certain, and the drain lasts long enough to
 * be watched. Six of these and more lie between a SEND with a key and its RECEIPT, which comes once the message has come back.
 */
const KAFKA_LATENCY_MS = 300;
const IN_FLIGHT_MS = 500;

let running: RunningChat;
let chat: ChatDriver;
let network: ChatNetwork;

// the gateway that is drained is sent its rooms and sends the other one some of its own: both go on until nothing is in flight
useOwnChat('drain', { isCuttable: true, roomFeed: 'interest' }, (own) => ({ running, chat, network } = own));
afterEach(async () => {
  for (const part of [network.postgres, network.redis, network.kafka]) part.mend();
  await Promise.all(Object.values(running.services).map((service) => service.isRunning || service.start()));
});

/** Rooms full of talkers at the first gateway, and one listener to each at the second. */
async function crowd() {
  const rooms = [];
  for (let count = 0; count < ROOM_COUNT; count += 1) rooms.push(await crowdedRoom());
  return { rooms, talkers: rooms.flatMap((room) => room.talkers) };
}

async function crowdedRoom() {
  const listener = newPerson('listener');
  const roomId = await chat.createRoomOf(listener);
  const heard = await (await chat.connect(listener, 1)).subscribe(`/topic/chat_rooms/${roomId}`);
  const talkers = await Promise.all(Array.from({ length: TALKERS_PER_ROOM }, () => Talker.open(chat, roomId, 0)));
  return { roomId, heard, talkers };
}

/** What `/readyz` answers until it is over, asked again as soon as it has answered. */
async function watchReadiness(name: InstanceName, isOver: () => boolean): Promise<readonly number[]> {
  const statuses: number[] = [];
  while (!isOver()) {
    const answer = await fetch(`${running.addresses.internalUrls[name]}/readyz`).catch(() => null);
    if (answer === null)
      await pause(10); // nobody listens any more
    else statuses.push(answer.status);
  }
  return statuses;
}

/** How many sockets the first gateway opens, until it is over, once it has begun to refuse them. */
async function countOpenedBehindRefusal(isOver: () => boolean): Promise<number> {
  let isRefusing = false;
  let openedCount = 0;
  while (!isOver()) {
    const connection = await chat.openRaw(0).catch(() => null);
    isRefusing ||= connection === null;
    if (isRefusing && connection !== null) openedCount += 1;
    await pause(10);
  }
  return openedCount;
}

const contentsOf = (room: OpenSubscription) => room.bodies<MessageDTO>().map(({ content }) => content);

describe('a gateway with 220 sessions that talk, told to stop', () => {
  it('answers or leaves alone each SEND, closes all with 1012, exits 0; nothing is lost, nothing comes twice', async () => {
    const { rooms, talkers } = await crowd();
    for (const talker of talkers) talker.talk(SAYS_EVERY_MS);
    await pause(TALKING_MS);
    network.kafka.slow({ latencyMs: KAFKA_LATENCY_MS });
    for (const talker of talkers) for (let count = 0; count < SAID_AT_ONCE; count += 1) talker.say();

    let isOver = false;
    const stopped = running.services['ws-gateway-1'].terminate().finally(() => (isOver = true));
    const [end, readiness, openedCount] = await Promise.all([
      stopped,
      watchReadiness('ws-gateway-1', () => isOver),
      countOpenedBehindRefusal(() => isOver),
    ]);
    network.kafka.mend();
    const ends = await Promise.all(talkers.map(({ ended }) => ended));
    const receipted = talkers.flatMap(({ said }) => said.flatMap(({ messageId }) => messageId ?? []));
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1012]));
    const sinceNoticed = readiness.slice(readiness.indexOf(503)); // what was asked just before may be answered
    expect(new Set(sinceNoticed)).toEqual(new Set([503]));
    expect(openedCount).toBe(0);
    expect(receipted.length).toBeGreaterThan(0);
    expect(end.tookMs).toBeLessThan(STOP_DEADLINE_MS);

    const logged = (await chat.readLog('chat-messages')).map(({ headers }) => String(headers['ce_id']));
    expect(logged.toSorted()).toEqual(receipted.toSorted()); // what was handed over was answered, what was answered is there once

    await Promise.all(talkers.map((talker) => talker.goOn(chat, 1)));
    expect(talkers.flatMap(({ failures }) => failures)).toEqual([]);
    expect(talkers.flatMap(({ said }) => said).filter(({ messageId }) => messageId === null)).toEqual([]);
    for (const { talkers: ofRoom, heard, roomId } of rooms) {
      await expectStored(chat, roomId, heard);
      const said = ofRoom.flatMap((talker) => talker.said);
      expect(idsIn(heard).toSorted()).toEqual(said.map(({ messageId }) => messageId).toSorted());
      expect(contentsOf(heard).toSorted()).toEqual(said.map(({ content }) => content).toSorted());
    }
  });
});

/** Apps that are told to stop; the other gateway would only do as the first. */
const STOPPED = ['ws-gateway-1', 'message-persister', 'presence-worker', 'rooms-api'] as const satisfies InstanceName[];

const isAnAnswer = (outcome: PromiseSettledResult<unknown>) =>
  outcome.status === 'fulfilled' ||
  outcome.reason instanceof RefusedError ||
  outcome.reason instanceof SessionEndedError;

describe.each(['kafka', 'postgres', 'redis'] as const)('while %s hangs', (part) => {
  it('every app that is told to stop, with work in flight, exits 0 in time, and says what became of SENDs', async () => {
    const ann = newPerson('ann');
    const roomId = await chat.createRoomOf(ann);
    const ofAnn = await chat.connect(ann, 0);
    await ofAnn.sendMessage(roomId, marked('before'));

    network[part].blackHole();
    const sends = Promise.allSettled(
      Array.from({ length: 20 }, (_, at) => ofAnn.sendMessage(roomId, marked(`in flight ${at}`))),
    );
    const request = chat
      .as(ann)
      .get(ROOMS)
      .catch(() => null); // cut where Postgres never answers
    await pause(IN_FLIGHT_MS);
    const ends = await Promise.all(
      STOPPED.map(async (name) => ({ name, ...(await running.services[name].terminate()) })),
    );

    for (const end of ends) {
      expect(end).toMatchObject({ code: 0, signal: null });
      expect(end.tookMs).toBeLessThan(STOP_DEADLINE_MS);
    }
    expect((await sends).filter((outcome) => !isAnAnswer(outcome))).toEqual([]);
    expect((await ofAnn.ended).code).toBe(1012);
    await request;
  });
});
