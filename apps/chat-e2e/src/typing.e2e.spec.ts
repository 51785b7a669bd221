import { TYPING_LIFE_MS, type TypingDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { refusalOf, ROOMS, type GatewayIndex } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson, type Person } from './clients/person.ts';
import type { OpenSubscription } from './clients/stomp-session.ts';
import { sumAt } from './harness/app-metrics.ts';
import { expectShape } from './shapes.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

const topicOf = (roomId: number) => `/topic/chat_rooms/${roomId}/typing`;
const sayOf = (roomId: number) => `/app/chat.typing/${roomId}`;
const lastOf = (typing: OpenSubscription) => typing.bodies<TypingDTO>().at(-1);

/** The last that a subscription was told is that these type, and nobody else. */
const toType = (typing: OpenSubscription, ...people: readonly Person[]) =>
  eventually(() => expect(lastOf(typing)?.userIds).toEqual(people.map(({ id }) => id).sort((a, b) => a - b)));

/** Ann at one gateway and Ben at the other, in one room whose typing Ben listens to. */
async function annAndBen() {
  const [ann, ben] = [newPerson('ann'), newPerson('ben')];
  const roomId = await chat.createRoomOf(ann, ben);
  const [ofAnn, ofBen] = await Promise.all([chat.connect(ann, 0), chat.connect(ben, 1)]);
  const typing = await ofBen.subscribe(topicOf(roomId));
  const types = async () => {
    await ofAnn.send(sayOf(roomId));
    await toType(typing, ann);
  };
  return { ann, ben, roomId, ofAnn, ofBen, typing, types };
}

describe('who types', () => {
  it('is shown to the other members, wherever they are, until he says that he types no longer', async () => {
    const { ann, roomId, ofAnn, typing, types } = await annAndBen();
    await types();
    const told = lastOf(typing);
    expectShape(told ?? {}, { required: ['roomId', 'userIds', 'count'] });
    expect(told).toEqual({ roomId, userIds: [ann.id], count: 1 });
    await ofAnn.send(sayOf(roomId), { isTyping: false });
    await toType(typing);
  });

  it('is no longer shown once the message is sent', async () => {
    const { roomId, ofAnn, typing, types } = await annAndBen();
    await types();
    await ofAnn.sendMessage(roomId, marked('typed'));
    await toType(typing);
  });

  it('is no longer shown once he left the room: by the exit destination, by UNSUBSCRIBE', async () => {
    const { roomId, ofAnn, typing, types } = await annAndBen();
    const room = await ofAnn.subscribe(`/topic/chat_rooms/${roomId}`);
    await types();
    await ofAnn.send(`/app/unsubscribe/chat_rooms/${roomId}`);
    await toType(typing);
    await types();
    await room.unsubscribe();
    await toType(typing);
  });

  it('is no longer shown once his session ended, or his connection was lost', async () => {
    const { ann, roomId, ofAnn, typing, types } = await annAndBen();
    await types();
    await ofAnn.disconnect();
    await toType(typing);

    const connection = await chat.openRaw(0);
    await connection.connect(ann.token);
    connection.sendFrame('SEND', { destination: sayOf(roomId) });
    await toType(typing, ann);
    connection.cut();
    await toType(typing);
  });

  it('is no longer shown once he was removed from the room', async () => {
    const { ann, ben, roomId, typing, types } = await annAndBen();
    const cat = newPerson('cat');
    await chat.join(cat, roomId);
    const ofCat = await chat.connect(cat, 0);
    await types();
    await ofCat.send(sayOf(roomId));
    await toType(typing, ann, cat);
    const { status } = await chat.as(ann).delete(`${ROOMS}/${roomId}/members/${cat.id}`);
    expect(status).toBe(204);
    await toType(typing, ann);
    expect(lastOf(typing)?.userIds).not.toContain(ben.id);
  });

  it('is no longer shown 10 s after he said so last', async () => {
    const { typing, types } = await annAndBen();
    await types();
    const shownAt = typing.messages.at(-1)?.at ?? NaN;
    await eventually(() => expect(lastOf(typing)?.count).toBe(0), { deadlineMs: TYPING_LIFE_MS + 5_000, everyMs: 100 });
    const lifeMs = (typing.messages.at(-1)?.at ?? NaN) - shownAt;
    expect(lifeMs).toBeGreaterThan(TYPING_LIFE_MS - 1_000);
    expect(lifeMs).toBeLessThan(TYPING_LIFE_MS + 1_000);
    expect(typing.messages).toHaveLength(2);
  });

  it('is told first to who subscribes meanwhile, at either gateway', async () => {
    const { ann, ben, roomId, types } = await annAndBen();
    await types();
    for (const gateway of [0, 1] satisfies GatewayIndex[]) {
      const late = await chat.connect(ben, gateway);
      const typing = await late.subscribe(topicOf(roomId));
      await toType(typing, ann);
    }
  });

  it('is told at most twice a second, and the last of it always', async () => {
    const { ann, roomId, ofAnn, typing } = await annAndBen();
    const begunAt = performance.now();
    for (let at = 0; at < 100; at += 1) await ofAnn.send(sayOf(roomId), { isTyping: at % 2 === 0 });
    await ofAnn.send(sayOf(roomId));
    await toType(typing, ann);
    const seconds = (performance.now() - begunAt) / 1_000;
    expect(typing.messages.length).toBeLessThanOrEqual(Math.ceil(seconds * 2) + 1);
  });

  it('never reaches Kafka', async () => {
    const { types } = await annAndBen();
    await types();
    for (const topic of ['chat-messages', 'session-events', 'presence-messages', 'message-receipts']) {
      const records = await chat.readLog(topic);
      expect(records.filter(({ value }) => value?.toString('utf8').includes('yping'))).toEqual([]);
    }
    expect(await chat.redis.keys('*typing*')).toEqual([]);
  });
});

describe('typing is refused', () => {
  it('to who is no member, to say and to hear', async () => {
    const { roomId } = await annAndBen();
    const stranger = await chat.connect(newPerson('stranger'));
    expect(await refusalOf(stranger.send(sayOf(roomId)))).toMatchObject({ code: 'NOT_A_MEMBER', retryable: false });
    expect(await refusalOf(stranger.subscribe(topicOf(roomId)))).toMatchObject({ code: 'NOT_A_MEMBER' });
  });

  it('with another body than its own', async () => {
    const { roomId, ofAnn, typing } = await annAndBen();
    expect(await refusalOf(ofAnn.send(sayOf(roomId), { isTyping: 'yes' }))).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await refusalOf(ofAnn.send(sayOf(roomId), '{'))).toMatchObject({ code: 'INVALID_JSON' });
    expect(typing.messages).toEqual([]);
  });
});

describe('a slow client', () => {
  /** Over what is shed together with what the kernels hold for both ends, far below what closes it in one go. */
  const CONTENT = '😀'.repeat(9_900);
  const MESSAGES_AT_ONCE = 8;
  const ROUNDS_MAX = 100;

  const shown = (name: string) => sumAt(chat.addresses.internalUrls['ws-gateway-1'], name);
  const shedCount = () => shown('chat_gateway_shed_total');

  it('misses typing before it is closed, and nobody else does', async () => {
    const [ann, ben, cat] = [newPerson('ann'), newPerson('ben'), newPerson('cat')];
    const roomId = await chat.createRoomOf(ann, ben, cat);
    const [speaker, ofCat] = [await chat.connect(ann, 0), await chat.connect(cat, 1)];
    const listener = await chat.connect(ben, 0);
    const [room, typing] = [
      await listener.subscribe(`/topic/chat_rooms/${roomId}`),
      await listener.subscribe(topicOf(roomId)),
    ];
    const slow = await chat.openRaw(0);
    await slow.connect(ben.token);
    slow.sendFrame('SUBSCRIBE', { id: 'room', destination: `/topic/chat_rooms/${roomId}`, receipt: 'room' });
    slow.sendFrame('SUBSCRIBE', { id: 'typing', destination: topicOf(roomId), receipt: 'typing' });
    await slow.next('RECEIPT');
    await slow.next('RECEIPT');
    const shedBefore = await shedCount();
    slow.stopReading();

    let rounds = 0;
    for (; rounds < ROUNDS_MAX && (await shedCount()) === shedBefore; rounds += 1) {
      const told = typing.messages.length;
      for (let at = 0; at < MESSAGES_AT_ONCE; at += 1) await speaker.sendMessage(roomId, `${CONTENT} ${marked('')}`);
      await ofCat.send(sayOf(roomId), { isTyping: rounds % 2 === 0 });
      await eventually(() => expect(typing.messages.length).toBeGreaterThan(told));
    }
    expect(await shedCount()).toBeGreaterThan(shedBefore);
    expect(await shown('chat_gateway_outbound_queued_bytes')).toBeGreaterThan(0);
    const messageCount = rounds * MESSAGES_AT_ONCE;
    await eventually(() => expect(room.messages).toHaveLength(messageCount));
    slow.startReading();

    const framesOf = (id: string) => slow.frames.filter(({ headers }) => headers['subscription'] === id);
    await eventually(() => expect(framesOf('room')).toHaveLength(messageCount));
    expect(framesOf('typing').length).toBeLessThan(typing.messages.length);
    await eventually(async () => {
      await ofCat.send(sayOf(roomId), { isTyping: true });
      await ofCat.send(sayOf(roomId), { isTyping: false });
      const last = JSON.parse(framesOf('typing').at(-1)?.body ?? '{}') as TypingDTO;
      expect(last).toEqual({ roomId, userIds: [], count: 0 });
    });
    expect(listener.isConnected).toBe(true);
  });
});
