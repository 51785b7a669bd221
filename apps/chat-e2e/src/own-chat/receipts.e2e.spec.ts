import type { MessageReceiptsDTO, MessageTraceDTO } from '@chat/dto';
import { partitionOf } from '@chat/kafka-contracts';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { refusalOf, ROOMS, type ChatDriver, type GatewayIndex } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson, type Person } from '../clients/person.ts';
import type { OpenSubscription, StompSession } from '../clients/stomp-session.ts';
import { readFeedCounts } from '../harness/room-feed.ts';
import type { RunningChat } from '../harness/start-chat.ts';
import { CHAT_MESSAGES_PARTITIONS } from '../harness/topic-layout.ts';
import { idsIn } from '../room-of-two.ts';
import { useOwnChat } from './own-chat.ts';
import { expectShape } from '../shapes.ts';

let running: RunningChat;
let chat: ChatDriver;

// gateways send each other their rooms here, and one of them is killed
useOwnChat('receipts', { presenceGraceMs: 2_000, roomFeed: 'interest' }, (own) => {
  ({ running, chat } = own);
});

/** Marks are told once a second, the first of a subscription once more after five, and stored and looked at after that. */
const WAIT = { deadlineMs: 20_000, everyMs: 100 };
/** How long messages rest at most when who routes them is killed, in ms: after that a gateway to which they do not come is not ready. */
const SILENCE_MS = 20_000;
const TALKS_EVERY_MS = 200;
/** SENDs that are under way when it is killed. */
const SAID_AT_ONCE = 5;

const topicOf = (roomId: number) => `/topic/chat_rooms/${roomId}`;

/** A device of a person that listens to receipts. */
async function deviceOf(person: Person, gateway: GatewayIndex) {
  const session = await chat.connect(person, gateway);
  return { session, receipts: await session.subscribe('/user/queue/receipts') };
}

/** What was told of a message, in its order. */
const toldOf = (receipts: OpenSubscription, messageId: string) =>
  receipts
    .bodies<MessageReceiptsDTO>()
    .flatMap((body) => body.receipts)
    .filter((receipt) => String(receipt.messageId) === messageId);

const statusesOf = (receipts: OpenSubscription, messageId: string) =>
  toldOf(receipts, messageId).map(({ status }) => status);

const expectStatuses = (receipts: OpenSubscription, messageId: string, ...statuses: readonly string[]) =>
  eventually(() => expect(statusesOf(receipts, messageId)).toEqual(statuses), WAIT);

const expectLast = (receipts: OpenSubscription, messageId: string, last: object) =>
  eventually(() => expect(toldOf(receipts, messageId).at(-1)).toMatchObject(last), WAIT);

/** The person has read everything up to the message. */
async function read(person: Person, roomId: number, messageId: string): Promise<void> {
  const session = await chat.connect(person, 1);
  await session.send(`/app/chat.read/${roomId}`, { messageId: Number(messageId) });
}

describe('the receipts of a sender', () => {
  it('go through all four states, in order, on his devices at both gateways, of a recipient who was away', async () => {
    const [ann, ben] = [newPerson('ann'), newPerson('ben')];
    const { body: room } = await chat.as(ann).post<{ id: number }>(`${ROOMS}/direct/${ben.id}`);
    const [phone, desk] = [await deviceOf(ann, 0), await deviceOf(ann, 1)];
    const id = await phone.session.sendMessage(room.id, marked('hi'), { 'client-message-id': 'first' });
    for (const { receipts } of [phone, desk]) await expectStatuses(receipts, id, 'SENT', 'PERSISTED');

    const ofBen = await chat.connect(ben, 1);
    await ofBen.subscribe(topicOf(room.id), { since: '0' });
    for (const { receipts } of [phone, desk]) await expectStatuses(receipts, id, 'SENT', 'PERSISTED', 'DELIVERED');
    await read(ben, room.id, id);
    for (const { receipts } of [phone, desk]) {
      await expectStatuses(receipts, id, 'SENT', 'PERSISTED', 'DELIVERED', 'READ');
    }

    const [told = {}] = phone.receipts.bodies<Partial<MessageReceiptsDTO>>();
    expectShape(told, { required: ['roomId', 'receipts'] });
    expect(told.receipts).toMatchObject([{ messageId: Number(id), clientMessageId: 'first', deliveredCount: 0 }]);
  });

  it('count the members of a group, without who has left, and never fall back', async () => {
    const [ann, ben, cid] = [newPerson('ann'), newPerson('ben'), newPerson('cid')];
    const roomId = await chat.createRoomOf(ann, ben, cid);
    const { session, receipts } = await deviceOf(ann, 0);
    const ofBen = await chat.connect(ben, 1);
    await ofBen.subscribe(topicOf(roomId));
    const id = await session.sendMessage(roomId, marked('hi'));
    await expectLast(receipts, id, { status: 'PERSISTED', deliveredCount: 1, readCount: 0, recipientCount: 2 });
    await read(ben, roomId, id);
    await expectLast(receipts, id, { status: 'PERSISTED', deliveredCount: 1, readCount: 1, recipientCount: 2 });

    await chat.newMember(roomId, 'dan'); // came later: no recipient
    expect((await chat.as(cid).delete(`${ROOMS}/${roomId}/members/${cid.id}`)).status).toBe(204);
    await expectLast(receipts, id, { status: 'READ', deliveredCount: 1, readCount: 1, recipientCount: 1 });
  });

  it('come coalesced, and say of the last message what holds for all before it', async () => {
    const [ann, ben] = [newPerson('ann'), newPerson('ben')];
    const roomId = await chat.createRoomOf(ann, ben);
    const { session, receipts } = await deviceOf(ann, 0);
    const ofBen = await chat.connect(ben, 1);
    await ofBen.subscribe(topicOf(roomId));
    const ids = await Promise.all(Array.from({ length: 150 }, () => session.sendMessage(roomId, marked('hi'))));
    const last = ids.at(-1) ?? '';
    await expectLast(receipts, last, { status: 'DELIVERED' });
    const arrivals = receipts.messages.map(({ at }) => at);
    for (const [n, at] of arrivals.slice(1).entries()) expect(at - (arrivals[n] ?? 0)).toBeGreaterThan(900);
    const statuses = await Promise.all(
      ids.map((id) => chat.as(ann).get<{ status: string }>(`${ROOMS}/${roomId}/messages/${id}/status`)),
    );
    expect(new Set(statuses.map(({ body }) => body.status))).toEqual(new Set(['DELIVERED']));
  });

  it('tell who comes back how the messages stand in the rooms that he opens', async () => {
    const [ann, ben] = [newPerson('ann'), newPerson('ben')];
    const roomId = await chat.createRoomOf(ann, ben);
    const before = await chat.connect(ann, 0);
    const id = await before.sendMessage(roomId, marked('hi'));
    await before.disconnect();
    const ofBen = await chat.connect(ben, 1);
    await ofBen.subscribe(topicOf(roomId), { since: '0' });

    const { session, receipts } = await deviceOf(ann, 1);
    await session.subscribe(topicOf(roomId));
    await expectLast(receipts, id, { status: 'DELIVERED', deliveredCount: 1, recipientCount: 1 });
    await read(ben, roomId, id);
    await expectLast(receipts, id, { status: 'READ' });
  });

  it('count what a recipient has read of the history by REST, as far as it is without a gap', async () => {
    const [ann, ben] = [newPerson('ann'), newPerson('ben')];
    const roomId = await chat.createRoomOf(ann, ben);
    const { session, receipts } = await deviceOf(ann, 0);
    const send = () => session.sendMessage(roomId, marked('hi'));
    const ids = [await send(), await send(), await send()];
    const [first = '', , last = ''] = ids;
    for (const id of ids) await expectLast(receipts, id, { status: 'PERSISTED' });
    const history = (query: string) => chat.as(ben).get(`${ROOMS}/${roomId}/messages?${query}`);
    expect((await history('limit=1')).status).toBe(200); // leaves out two
    expect((await history('after=0&limit=1')).status).toBe(200); // and now the one between
    await expectLast(receipts, first, { status: 'DELIVERED' });
    expect(toldOf(receipts, last).at(-1)).toMatchObject({ status: 'PERSISTED' });
    expect((await history(`after=${first}`)).status).toBe(200);
    await expectLast(receipts, last, { status: 'DELIVERED' });
  });
});

describe('a SEND with receipt-level: persisted', () => {
  const persisted = { 'receipt-level': 'persisted' };

  it('has its RECEIPT when the rows have the message; no other level is known', async () => {
    const ann = newPerson('ann');
    const roomId = await chat.createRoomOf(ann);
    const session = await chat.connect(ann);
    for (const name of ['one', 'two', 'three']) {
      const id = await session.sendMessage(roomId, marked('hi'), { ...persisted, 'client-message-id': name });
      const rows = await chat.query('SELECT id FROM messages WHERE room_id = $1 AND id = $2', [roomId, id]);
      expect(rows).toHaveLength(1);
    }
    const refusal = await refusalOf(session.sendMessage(roomId, marked('hi'), { 'receipt-level': 'delivered' }));
    expect(refusal).toMatchObject({ code: 'INVALID_REQUEST', message: 'receipt-level must be accepted or persisted' });
  });

  it('is refused within 5 s while the persister stands still, and answered with the same message once it goes on', async () => {
    const ann = newPerson('ann');
    const roomId = await chat.createRoomOf(ann);
    const session = await chat.connect(ann);
    const room = await session.subscribe(topicOf(roomId));
    await session.sendMessage(roomId, marked('hi'), persisted);
    const persister = running.services['message-persister'];
    persister.signal('SIGSTOP');
    try {
      const named = { ...persisted, 'client-message-id': 'slow' };
      const content = marked('hi');
      const refusal = await refusalOf(session.sendMessage(roomId, content, named));
      expect(refusal).toMatchObject({ code: 'UNKNOWN', retryable: true, clientMessageId: 'slow' });
      const id = room.messages.at(-1)?.headers['message-id'] ?? '';
      expect(refusal.message).toContain(`in the log, as ${id},`);
      const { body: story } = await chat.internal.get<MessageTraceDTO>(`/internal/chat/messages/${id}/trace`);
      expect(story).toMatchObject({
        outcome: 'ACCEPTED',
        roomId,
        position: { partition: expect.any(Number) as number },
        notHeard: [],
      });
      expect(story).not.toHaveProperty('storedAt');
      persister.signal('SIGCONT');
      const again = () => session.sendMessage(roomId, content, named);
      expect(await eventually(again, { deadlineMs: 30_000, everyMs: 100 })).toBe(id);
      expect(room.messages).toHaveLength(2);
    } finally {
      persister.signal('SIGCONT');
    }
  });
});

/** A room of Ann's and others', who hears it at the first gateway, and whose partition the second one routes. */
async function roomRoutedElsewhere(ofAnn: StompSession, ann: Person, ...others: readonly Person[]) {
  const judgedByOther = async () => (await readFeedCounts(chat.addresses.internalUrls['ws-gateway-2'])).judged;
  const looked = new Set<number>();
  while (looked.size < CHAT_MESSAGES_PARTITIONS) {
    const roomId = await chat.createRoomOf(ann, ...others);
    const partition = partitionOf(String(roomId), CHAT_MESSAGES_PARTITIONS);
    if (looked.has(partition)) continue;
    looked.add(partition);
    const heard = await ofAnn.subscribe(topicOf(roomId));
    const judgedBefore = await judgedByOther();
    const id = await ofAnn.sendMessage(roomId, marked('who routes this'));
    await eventually(() => expect(idsIn(heard)).toEqual([id]));
    if ((await judgedByOther()) > judgedBefore) return { roomId, heard };
  }
  throw new Error('the second gateway routes nothing');
}

/** Talks until something said from now on has come; what was said, and how long that took. */
async function talkThroughSilence(session: StompSession, roomId: number, heard: OpenSubscription) {
  const beganAt = performance.now();
  const said: string[] = [];
  const isHeard = async () => {
    said.push(await session.sendMessage(roomId, marked('is anybody there')));
    expect(idsIn(heard)).toContain(said[0]);
  };
  await eventually(isHeard, { deadlineMs: SILENCE_MS, everyMs: TALKS_EVERY_MS });
  const first = heard.messages.find(({ headers }) => headers['message-id'] === said[0]);
  return { said, silenceMs: (first?.at ?? Infinity) - beganAt };
}

describe('a gateway that routes a room for the others, killed while somebody talks there', () => {
  it('leaves it silent for a while, with nothing lost, doubled or reordered; receipts are the truth once its recipient resumes elsewhere', async () => {
    const [ann, ben] = [newPerson('ann'), newPerson('ben')];
    const { session, receipts } = await deviceOf(ann, 0);
    const { roomId, heard } = await roomRoutedElsewhere(session, ann, ben);
    const ofBen = await chat.connect(ben, 1);
    const room = await ofBen.subscribe(topicOf(roomId), { since: '0' });
    const seen = await session.sendMessage(roomId, marked('hi'));
    await expectLast(receipts, seen, { status: 'DELIVERED' });
    const untold = await session.sendMessage(roomId, marked('hi'));
    await eventually(() => expect(idsIn(room)).toContain(untold));

    const underWay = Promise.all(Array.from({ length: SAID_AT_ONCE }, () => session.sendMessage(roomId, marked('hi'))));
    await running.services['ws-gateway-2'].kill(); // for good: nobody needs it any more
    const { said, silenceMs } = await talkThroughSilence(session, roomId, heard);
    expect(silenceMs).toBeLessThan(SILENCE_MS);

    const again = await chat.connect(ben, 0);
    const resumed = await again.subscribe(topicOf(roomId), { since: untold });
    const last = await session.sendMessage(roomId, marked('hi'));
    await expectLast(receipts, last, { status: 'DELIVERED' });
    await expectLast(receipts, untold, { status: 'DELIVERED' });
    const behind = [...(await underWay), ...said, last];
    expect(idsIn(heard).slice(1)).toEqual([seen, untold, ...behind]);
    expect(idsIn(resumed)).toEqual(behind);
    expect(session.refusals).toEqual([]);
  });
});
