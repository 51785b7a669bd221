import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import type { GatewayIndex } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import type { OpenSubscription, StompSession } from './clients/stomp-session.ts';
import { newPerson } from './clients/person.ts';
import { RefusedError } from './clients/stomp-session.ts';
import { expectStored, idsIn, roomOfTwo } from './room-of-two.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

const topicOf = (roomId: number) => `/topic/chat_rooms/${roomId}`;

const sendSome = async (session: StompSession, roomId: number, count: number) => {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) ids.push(await session.sendMessage(roomId, marked(`${at} of ${count}`)));
  return ids;
};

/** Each MESSAGE names the one before it. */
function expectUnbroken(room: OpenSubscription, before: string | undefined): void {
  const ids = [before, ...idsIn(room)];
  expect(room.messages.map(({ headers }) => headers['prev'])).toEqual(ids.slice(0, -1));
}

describe('coming back with since', () => {
  it('brings what was missed, marked as replayed, then what is live, without a gap, at another gateway', async () => {
    const { ann, ofAnn, ofBen, roomOfAnn, roomId } = await roomOfTwo(chat);
    await sendSome(ofBen, roomId, 3);
    await eventually(() => expect(roomOfAnn.messages).toHaveLength(3));
    const seen = idsIn(roomOfAnn).at(-1) ?? '';
    ofAnn.cut();

    const missed = await sendSome(ofBen, roomId, 20);
    const back = await chat.connect(ann, 1);
    const room = await back.subscribe(topicOf(roomId), { since: seen });
    expect(room.receiptHeaders['recovered']).toBe('true');
    expect(idsIn(room)).toEqual(missed); // all of it before the RECEIPT
    const replayed = room.messages.map(({ headers }) => headers['replayed'] === 'true');
    expect(replayed[0]).toBe(true);
    expect(replayed.lastIndexOf(true)).toBe(replayed.filter(Boolean).length - 1); // what waited comes behind

    const live = await sendSome(ofBen, roomId, 2);
    await eventually(() => expect(idsIn(room)).toEqual([...missed, ...live]));
    expect(room.messages.at(-1)?.headers['replayed']).toBeUndefined();
    expectUnbroken(room, seen);
  });

  it('loses and repeats nothing however often, while others go on sending', async () => {
    const { ann, ofAnn, ofBen, roomOfAnn, roomOfBen, roomId } = await roomOfTwo(chat);
    const first = await ofBen.sendMessage(roomId, marked('first'));
    await eventually(() => expect(idsIn(roomOfAnn)).toEqual([first]));
    const sending = sendSome(ofBen, roomId, 300);
    ofAnn.cut();
    const seen: string[] = [first];
    for (let turn = 0; turn < 12; turn += 1) {
      const session = await chat.connect(ann, (turn % 2) as GatewayIndex); // a number modulo 2
      const room = await session.subscribe(topicOf(roomId), { since: seen.at(-1) ?? '' });
      expect(room.receiptHeaders['recovered']).toBe('true');
      await eventually(() => expect(room.messages.length).toBeGreaterThan(0));
      session.cut();
      expectUnbroken(room, seen.at(-1));
      seen.push(...idsIn(room).map(String));
    }
    const sent = await sending;
    const last = await (await chat.connect(ann, 0)).subscribe(topicOf(roomId), { since: seen.at(-1) ?? '' });
    seen.push(...idsIn(last).map(String));
    expect(seen).toEqual([first, ...sent]);
    await expectStored(chat, roomId, roomOfBen);
  });

  it('has missed nothing where the last that was seen is the last that there is', async () => {
    const { ann, ofBen, roomId } = await roomOfTwo(chat);
    const id = await ofBen.sendMessage(roomId, marked('only one'));
    const room = await (await chat.connect(ann, 0)).subscribe(topicOf(roomId), { since: id });
    expect(room.receiptHeaders['recovered']).toBe('true');
    expect(room.messages).toEqual([]);
  });

  it('0 brings the room from its first message on', async () => {
    const { ann, ofBen, roomId } = await roomOfTwo(chat);
    const ids = await sendSome(ofBen, roomId, 3);
    const room = await (await chat.connect(ann, 1)).subscribe(topicOf(roomId), { since: '0' });
    expect(room.receiptHeaders['recovered']).toBe('true');
    expect(idsIn(room)).toEqual(ids);
    expectUnbroken(room, undefined);
  });

  it('says within 5 s that nothing was recovered from a message that is not in the room, and is live', async () => {
    const { ann, ofBen, roomId } = await roomOfTwo(chat);
    const room = await (await chat.connect(ann, 0)).subscribe(topicOf(roomId), { since: '12345' });
    expect(room.receiptHeaders['recovered']).toBe('false');
    const id = await ofBen.sendMessage(roomId, marked('live'));
    await eventually(() => expect(idsIn(room)).toEqual([id]));
  });

  it('says so too where more was missed than one resume brings', async () => {
    const { ann, ofBen, roomId } = await roomOfTwo(chat);
    const first = await ofBen.sendMessage(roomId, marked('first'));
    await Promise.all(Array.from({ length: 1_001 }, (_, at) => ofBen.sendMessage(roomId, marked(`much ${at}`))));
    const room = await (await chat.connect(ann, 0)).subscribe(topicOf(roomId), { since: first });
    expect(room.receiptHeaders['recovered']).toBe('false');
    expect(room.messages).toEqual([]);
  });

  it('lets the other frames of the session pass while a replay waits', async () => {
    const { ann, roomId } = await roomOfTwo(chat);
    const session = await chat.connect(ann, 0);
    const waiting = session.subscribe(topicOf(roomId), { since: '12345' });
    const id = await session.sendMessage(roomId, marked('meanwhile'));
    const room = await waiting;
    expect(idsIn(room)).toEqual([id]);
  });
});

describe('history', () => {
  it('brings the last messages first', async () => {
    const { ann, ofBen, roomId } = await roomOfTwo(chat);
    const ids = await sendSome(ofBen, roomId, 6);
    const room = await (await chat.connect(ann, 1)).subscribe(topicOf(roomId), { history: '4' });
    expect(room.receiptHeaders['recovered']).toBe('true');
    expect(idsIn(room)).toEqual(ids.slice(-4));
    expectUnbroken(room, ids[1]);
  });

  it.each([{ history: '201' }, { history: 'x' }, { since: 'x' }, { since: '1', history: '1' }])(
    'and since are refused where they are %j, and the session lives',
    async (headers) => {
      const { ann, roomId } = await roomOfTwo(chat);
      const session = await chat.connect(ann, 0);
      const refused = session.subscribe(topicOf(roomId), headers);
      await expect(refused).rejects.toMatchObject({ refusal: { code: 'INVALID_REQUEST' } });
      await expect(refused).rejects.toBeInstanceOf(RefusedError);
      await session.subscribe(topicOf(roomId));
    },
  );

  it('is for members only', async () => {
    const { roomId } = await roomOfTwo(chat);
    const stranger = await chat.connect(newPerson('eve'), 0);
    await expect(stranger.subscribe(topicOf(roomId), { history: '4' })).rejects.toBeInstanceOf(RefusedError);
  });
});

describe('sending again', () => {
  it('with resend gets the id of the first, at any gateway, and publishes nothing', async () => {
    const { ann, ofAnn, ofBen, roomOfBen, roomId } = await roomOfTwo(chat);
    const content = marked('once');
    const first = await ofAnn.sendMessage(roomId, content, { 'client-message-id': 'k' });
    const other = await chat.connect(ann, 1);
    const again = await other.sendMessage(roomId, content, { 'client-message-id': 'k', resend: 'true' });
    expect(again).toBe(first);
    const next = await ofBen.sendMessage(roomId, marked('next'));
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([first, next]));
  });

  it('with resend after a cut that left the outcome open is one message, whichever got through', async () => {
    const { ann, ofAnn, roomOfBen, roomId } = await roomOfTwo(chat);
    const content = marked('of unknown outcome');
    ofAnn.sendUnanswered(`/app/chat.send/${roomId}`, { content }, { 'client-message-id': 'k' });
    ofAnn.cut();
    const other = await chat.connect(ann, 1);
    const id = await other.sendMessage(roomId, content, { 'client-message-id': 'k', resend: 'true' });
    const last = await other.sendMessage(roomId, marked('last'));
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([id, last]));
    await expectStored(chat, roomId, roomOfBen);
  });

  it('another body under the same key is refused', async () => {
    const { ofAnn, roomId } = await roomOfTwo(chat);
    await ofAnn.sendMessage(roomId, marked('one'), { 'client-message-id': 'k' });
    for (const headers of [{}, { resend: 'true' }]) {
      await expect(
        ofAnn.sendMessage(roomId, marked('two'), { 'client-message-id': 'k', ...headers }),
      ).rejects.toMatchObject({ refusal: { code: 'IDEMPOTENCY_CONFLICT', retryable: false } });
    }
  });

  it('twenty times at once is one message, and every RECEIPT names it', async () => {
    const { ann, ofAnn, roomOfBen, roomId } = await roomOfTwo(chat);
    const other = await chat.connect(ann, 1);
    const content = marked('at once');
    const headers = { 'client-message-id': 'k', resend: 'true' };
    const sends = Array.from({ length: 20 }, (_, at) =>
      (at % 2 === 0 ? ofAnn : other).sendMessage(roomId, content, headers),
    );
    const ids = new Set(await Promise.all(sends));
    expect(ids.size).toBe(1);
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([...ids]));
  });
});
