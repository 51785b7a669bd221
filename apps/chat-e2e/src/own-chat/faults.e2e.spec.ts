import type { CommandDTO, MessageDTO } from '@chat/dto';
import { eventually, STOP_DEADLINE_MS } from '@chat/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChatDriver, GatewayIndex } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson, type Person } from '../clients/person.ts';
import type { OpenSubscription, StompSession } from '../clients/stomp-session.ts';
import { INSTANCE_NAMES } from '../harness/app-instances.ts';
import type { RunningChat } from '../harness/start-chat.ts';
import { useOwnChat } from './own-chat.ts';
import { eventsOf, expectStored, idsIn, roomOfTwo, STORED } from '../room-of-two.ts';

/** Presence is right this long after `kill -9` of a gateway at the latest, in ms. */
const RIGHT_AFTER_KILL_MS = 35_000;

let running: RunningChat;
let chat: ChatDriver;

useOwnChat('faults', {}, (own) => ({ running, chat } = own));
afterEach(async () => {
  await Promise.all(Object.values(running.services).map((service) => service.isRunning || service.start()));
});

const offlineCount = (presence: OpenSubscription, person: Person) =>
  eventsOf(presence, person).filter((event) => event === 'OFFLINE').length;

const standingCommand = (): CommandDTO => ({
  id: `standing-${process.pid}`,
  target: 'all',
  name: 'maintenance.announced',
  payload: { minutes: 5 },
  createdAt: new Date().toISOString(),
  expiresAt: new Date(Date.now() + 60_000).toISOString(),
  durable: true,
});

const listRows = (roomId: number) =>
  chat.query<{ id: string; seq: string; content: string }>(
    'SELECT id, seq, content FROM messages WHERE room_id = $1 ORDER BY epoch, log_offset',
    [roomId],
  );

const sendMany = (session: StompSession, roomId: number, count: number, name: string) =>
  Promise.all(
    Array.from({ length: count }, (_, at) => session.sendMessage(roomId, marked(`${name} ${at} in room ${roomId}`))),
  );

describe('message-persister', () => {
  it('stopped in order: chat goes on live; started again: everything is stored once, densely numbered', async () => {
    const { roomId, ofAnn, ofBen, roomOfAnn, roomOfBen } = await roomOfTwo(chat);
    await sendMany(ofAnn, roomId, 10, 'before');
    const persister = running.services['message-persister'];

    const end = await persister.terminate();
    expect(end).toMatchObject({ code: 0, signal: null });
    await Promise.all([sendMany(ofAnn, roomId, 50, 'meanwhile ann'), sendMany(ofBen, roomId, 50, 'meanwhile ben')]);
    await eventually(() => {
      for (const room of [roomOfAnn, roomOfBen]) expect(room.messages).toHaveLength(110);
    });
    expect((await listRows(roomId)).length).toBeLessThanOrEqual(10);
    await persister.start();

    expect(idsIn(roomOfBen)).toEqual(idsIn(roomOfAnn));
    await expectStored(chat, roomId, roomOfAnn);
  });

  it('killed while messages come: everything is stored once, densely numbered', async () => {
    const { roomId, ofAnn, ofBen, roomOfAnn } = await roomOfTwo(chat);
    const persister = running.services['message-persister'];

    const sending = Promise.all([sendMany(ofAnn, roomId, 200, 'ann'), sendMany(ofBen, roomId, 200, 'ben')]);
    await eventually(async () => expect((await listRows(roomId)).length).toBeGreaterThan(0));
    await persister.kill();
    await sending;
    await persister.start();

    await eventually(() => expect(roomOfAnn.messages).toHaveLength(400));
    await expectStored(chat, roomId, roomOfAnn);
  });
});

describe('rooms-api', () => {
  it('killed: open sessions go on, and it answers again when it is back', async () => {
    const { ann, roomId, ofAnn, roomOfBen } = await roomOfTwo(chat);

    await running.services['rooms-api'].kill();
    const messageId = await ofAnn.sendMessage(roomId, marked('without rooms-api'));
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([messageId]));
    await running.services['rooms-api'].start();

    expect((await chat.as(ann).get('/api/v1/chat/chat-rooms/user')).status).toBe(200);
  });
});

describe('presence-worker', () => {
  it('stopped: chat goes on; started again: it tells what happened meanwhile, once', async () => {
    const { ann, ben, roomId, ofAnn, ofBen, roomOfBen } = await roomOfTwo(chat);
    const presence = await ofBen.subscribe(`/topic/chat_rooms/${roomId}/presence`);
    await eventually(async () => expect(await chat.redis.hget(`presence:user:${ann.id}`, 'state')).toBe('ONLINE'));
    const worker = running.services['presence-worker'];

    expect(await worker.terminate()).toMatchObject({ code: 0, signal: null });
    const messageId = await ofAnn.sendMessage(roomId, marked('without presence-worker'));
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([messageId]));
    await ofAnn.disconnect();
    await worker.start();

    await eventually(() => expect(offlineCount(presence, ann)).toBe(1), { deadlineMs: 20_000 });
    expect(offlineCount(presence, ben)).toBe(0);
  });
});

describe('a gateway that gets SIGTERM', () => {
  it('answers the SENDs in flight, closes its clients with 1012 and exits 0 in time; they go on at the other', async () => {
    const { ann, ben, roomId, ofAnn, ofBen, roomOfBen } = await roomOfTwo(chat);
    const presence = await ofBen.subscribe(`/topic/chat_rooms/${roomId}/presence`);
    const gateway = running.services['ws-gateway-1'];
    const sends = Array.from({ length: 300 }, (_, at) => ofAnn.sendMessage(roomId, marked(`in flight ${at}`)));
    const outcomes = Promise.allSettled(sends);
    await sends[0];

    const end = await gateway.terminate();

    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.tookMs).toBeLessThan(STOP_DEADLINE_MS);
    expect((await ofAnn.ended).code).toBe(1012);
    const receipted = (await outcomes).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const back = await chat.connect(ann, 1);
    const marker = await back.sendMessage(roomId, marked('from the other gateway'));
    await eventually(() => expect(idsIn(roomOfBen)).toContain(marker));
    expect(idsIn(roomOfBen)).toEqual([...receipted, marker]);

    await gateway.start();
    const again = await chat.connect(ann, 0);
    await again.sendMessage(roomId, marked('and from the first one again'));
    expect(offlineCount(presence, ann)).toBe(0);
    expect(offlineCount(presence, ben)).toBe(0);
  });
});

describe('a gateway that starts while a durable command stands', () => {
  it('tells it to who comes, also where another gateway told it before, and once', async () => {
    const ann = newPerson('ann');
    const command = standingCommand();
    const gateway = running.services['ws-gateway-1'];
    const idsOf = async (index: GatewayIndex) => {
      const session = await chat.connect(ann, index);
      const commands = await session.subscribe('/topic/commands');
      return () => commands.bodies<CommandDTO>().flatMap(({ id }) => (id === command.id ? [id] : []));
    };
    await gateway.terminate();
    const atOther = await idsOf(1);
    await chat.produce('command-messages', command.target, JSON.stringify(command));
    await eventually(() => expect(atOther()).toEqual([command.id]));
    await eventually(async () => {
      expect(await chat.query('SELECT 1 FROM kept_commands WHERE command_id = $1', [command.id])).toHaveLength(1);
    }, STORED);

    await gateway.start();

    expect((await idsOf(0))()).toEqual([command.id]); // ahead of the RECEIPT of the SUBSCRIBE
    expect(atOther()).toEqual([command.id]);
  });
});

describe('a gateway killed with -9', () => {
  it('leaves nobody online longer than 35 s; who comes back at the other goes on without OFFLINE', async () => {
    const { ann, ben, roomId, ofAnn, ofBen, roomOfBen } = await roomOfTwo(chat);
    const cid = await chat.newMember(roomId, 'cid');
    await chat.connect(cid, 0);
    const presence = await ofBen.subscribe(`/topic/chat_rooms/${roomId}/presence`);
    await eventually(async () => {
      for (const { id } of [ann, cid]) expect(await chat.redis.hget(`presence:user:${id}`, 'state')).toBe('ONLINE');
    });
    const before = await sendMany(ofAnn, roomId, 20, 'before');
    await eventually(() => expect(idsIn(roomOfBen)).toEqual(before)); // the other gateway has read them
    const gateway = running.services['ws-gateway-1'];
    const killedAt = performance.now();

    await gateway.kill();
    expect((await ofAnn.ended).code).toBe(1006);
    const back = await chat.connect(ann, 1);
    const roomOfAnn = await back.subscribe(`/topic/chat_rooms/${roomId}`);
    const after = await sendMany(back, roomId, 20, 'after');

    await eventually(() => expect(idsIn(roomOfBen)).toEqual([...before, ...after]));
    expect(idsIn(roomOfAnn)).toEqual(after);
    await expectStored(chat, roomId, roomOfBen);

    await eventually(() => expect(offlineCount(presence, cid)).toBe(1), { deadlineMs: RIGHT_AFTER_KILL_MS });
    expect(performance.now() - killedAt).toBeLessThan(RIGHT_AFTER_KILL_MS);
    await gateway.start();
    const again = await chat.connect(newPerson('dan'), 0);
    expect(again.isConnected).toBe(true);
    expect(offlineCount(presence, cid)).toBe(1);
    expect(offlineCount(presence, ann)).toBe(0);
    expect(offlineCount(presence, ben)).toBe(0);
    const batch = await chat.internal.get<{ id: number; isOnline: boolean }[]>(
      `/internal/chat/chat-rooms/${roomId}/presence/websocket/users/batch?userIds=${ann.id},${ben.id},${cid.id}`,
    );
    expect(new Map(batch.body.map(({ id, isOnline }) => [id, isOnline]))).toEqual(
      new Map([
        [ann.id, true],
        [ben.id, true],
        [cid.id, false],
      ]),
    );
  });

  it('in the middle of a stream loses nothing that had its RECEIPT, and no message is visible twice', async () => {
    const { roomId, ofAnn, ofBen, roomOfBen } = await roomOfTwo(chat);
    const sends = Array.from({ length: 300 }, (_, at) => ofAnn.sendMessage(roomId, marked(`stream ${at}`)));
    const outcomes = Promise.allSettled(sends);
    await sends[0];

    await running.services['ws-gateway-1'].kill();

    const receipted = (await outcomes).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const marker = await ofBen.sendMessage(roomId, marked('behind it'));
    await eventually(() => expect(idsIn(roomOfBen)).toContain(marker));
    await expectStored(chat, roomId, roomOfBen); // what had no RECEIPT may still come, behind the marker too
    const seen = idsIn(roomOfBen);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => id !== undefined && receipted.includes(id))).toEqual(receipted);
    await running.services['ws-gateway-1'].start();
  });
});

describe('messages of one room while every app is restarted in turn', () => {
  it('come to who stays connected once, in the order of the log', async () => {
    const { ann, roomId, ofBen, roomOfBen } = await roomOfTwo(chat);
    const bodies = () => roomOfBen.bodies<MessageDTO>();
    const speakers = new Map<GatewayIndex, StompSession>();
    const speak = async (text: string) => {
      for (const gateway of [0, 1] as const) {
        const speaker = speakers.get(gateway);
        if (speaker?.isConnected !== true) speakers.set(gateway, await chat.connect(ann, gateway));
        await speakers.get(gateway)?.sendMessage(roomId, marked(`${text} at ${gateway}`));
      }
    };

    await speak('first');
    for (const name of ['rooms-api', 'presence-worker', 'message-persister', 'ws-gateway-1'] as const) {
      expect(await running.services[name].terminate()).toMatchObject({ code: 0, signal: null });
      await running.services[name].start();
      await speak(`after ${name}`);
    }

    await eventually(() => expect(bodies()).toHaveLength(10));
    await expectStored(chat, roomId, roomOfBen);
    expect(ofBen.isConnected).toBe(true);
  });
});

describe('SIGTERM', () => {
  it('ends every app with exit status 0 within 25 s, sessions open or not', async () => {
    await roomOfTwo(chat);

    const ends = await Promise.all(INSTANCE_NAMES.map((name) => running.services[name].terminate()));

    for (const end of ends) {
      expect(end).toMatchObject({ code: 0, signal: null });
      expect(end.tookMs).toBeLessThan(STOP_DEADLINE_MS);
    }
  });
});
