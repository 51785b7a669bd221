import type { SentMessageKey, StoredTarget } from '@chat/database';
import { asMessageId, asRoomId, asUserId, type ChangeKind, type MessageDTO, type RoomId } from '@chat/dto';
import type { RecordMetadata } from '@chat/kafka-contracts';
import { ChatError } from '@chat/service-kit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { contentDigest, messageDigest } from '../broker/content-digest.ts';
import { KnownMessages } from '../broker/known-messages.ts';
import type { Membership } from '../membership/membership-index.ts';
import { PendingSends } from '../broker/pending-sends.ts';
import { ChangeTargets } from './change-targets.ts';
import { SendKeys, type SendKeysOptions, type StoredKey } from './send-keys.ts';
import { SendMessage, type MessageToPublish, type SendMessageOptions } from './send-message.ts';

const room = asRoomId(7);
const ada = asUserId(1);
const membership: Membership = {
  roomId: room,
  userId: ada,
  role: 'MEMBER',
  version: 1,
  roomType: 'GROUP',
  roomStatus: 'ACTIVE',
};

/** When what waits for the rows is answered. */
const DUE_AT = 4_500;

const keys = (change: Partial<SendKeysOptions> = {}) =>
  new SendKeys({
    findRecent: () => undefined,
    findStored: () => Promise.resolve({ first: null, storedUpTo: 0 }),
    rememberedFrom: () => 0,
    remembersAll: () => true,
    isCovered: () => true,
    whenCovered: () => null,
    pending: new PendingSends(),
    ...change,
  });

const clock = { now: () => Date.parse('2025-04-29T15:23:00Z') };

/** What memory and the rows say of the messages that are to be changed. */
function targetsOf(known: KnownMessages, stored: StoredTarget = { target: null, storedUpTo: 0 }) {
  const findStored = () => Promise.resolve(stored);
  return { known, targets: new ChangeTargets({ known, findStored, readUpTo: () => 0, clock }) };
}

const optionsOf = (): SendMessageOptions => ({
  peekMembership: () => membership,
  findMembership: () => Promise.reject(new ChatError('NOT_A_MEMBER')),
  nextMessageId: () => asMessageId(42),
  keys: keys(),
  ...targetsOf(new KnownMessages()),
  isFollowed: () => false,
  feed: { coveredSince: () => 0, whenCovered: () => null },
  publish: () => Promise.reject(new Error('nothing is published alone here')),
  publishTogether: () => Promise.reject(new Error('nothing is published together here')),
  stored: { whenStored: () => Promise.reject(new Error('nothing waits for the rows here')) },
  roomQuota: { take: () => {}, takeTogether: () => {} },
  source: 'ws-gateway/1',
  clock,
});

function sending(change: Partial<SendMessageOptions> = {}) {
  const published: Array<{ message: MessageDTO; metadata: RecordMetadata }> = [];
  const sendMessage = new SendMessage({
    ...optionsOf(),
    publish: ({ value: message, metadata }) => (published.push({ message, metadata }), Promise.resolve()),
    ...change,
  });
  const sendAs = (
    kind: ChangeKind | null,
    body: unknown,
    clientMessageId?: string,
    resend?: string,
    receiptLevel?: string,
  ) =>
    sendMessage.accept(
      {
        roomId: room,
        senderId: ada,
        kind,
        body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
        clientMessageId,
        resend,
        receiptLevel,
      },
      DUE_AT,
    );
  const send = (body: unknown, clientMessageId?: string, resend?: string, receiptLevel?: string) =>
    sendAs(null, body, clientMessageId, resend, receiptLevel);
  return { send, sendAs, published };
}

const codeOf = (outcome: Promise<unknown>) =>
  outcome.then(
    () => 'accepted',
    (error: unknown) => (error as ChatError).code,
  );

describe('what a room takes', () => {
  function quota() {
    const taken: Array<readonly RoomId[]> = [];
    const take = (roomId: RoomId) => void taken.push([roomId]);
    const takeTogether = (roomIds: readonly RoomId[]) => void taken.push(roomIds);
    return { taken, roomQuota: { take, takeTogether } };
  }
  const refusing = () => {
    throw new ChatError('RATE_LIMITED');
  };

  it('is used up by what is published there', async () => {
    const { taken, roomQuota } = quota();
    await sending({ roomQuota }).send({ content: 'a' }).outcome;
    expect(taken).toEqual([[room]]);
  });

  it('is not by who is no member, nor by what repeats another message', async () => {
    const { taken, roomQuota } = quota();
    const stranger = sending({ roomQuota, peekMembership: () => undefined });
    expect(await codeOf(stranger.send({ content: 'a' }).outcome)).toBe('NOT_A_MEMBER');
    const first = { messageId: '41', digest: messageDigest(contentDigest('a'), null), isCertain: true };
    const again = sending({ roomQuota, keys: keys({ findRecent: () => first }) });
    expect(await again.send({ content: 'a' }, 'c-1').outcome).toEqual({ 'message-id': '41' });
    expect(taken).toEqual([]);
  });

  it('refuses a message as if it had not been sent: it may be sent again under its key', async () => {
    let isRefusing = true;
    const take = () => void (isRefusing && refusing());
    const one = sending({ roomQuota: { ...quota().roomQuota, take } });
    expect(await codeOf(one.send({ content: 'a' }, 'c-1').outcome)).toBe('RATE_LIMITED');
    isRefusing = false;
    expect(await codeOf(one.send({ content: 'b' }, 'c-1').outcome)).toBe('accepted');
  });

  it('holds for all messages of a transaction together, which are refused together', async () => {
    const { taken, roomQuota } = quota();
    const publishTogether = vi.fn(() => Promise.resolve());
    const commit = (change: Partial<SendMessageOptions>) => {
      const requests = ['a', 'b'].map((content) => ({
        ...{ roomId: room, senderId: ada, kind: null, resend: undefined, clientMessageId: undefined },
        body: new TextEncoder().encode(JSON.stringify({ content })),
      }));
      return codeOf(
        new SendMessage({ ...optionsOf(), publishTogether, ...change }).acceptTogether(requests, DUE_AT).outcome,
      );
    };
    expect(await commit({ roomQuota: { ...roomQuota, takeTogether: refusing } })).toBe('RATE_LIMITED');
    expect(publishTogether).not.toHaveBeenCalled();
    expect(await commit({ roomQuota })).toBe('accepted');
    expect(taken).toEqual([[room, room]]);
  });
});

describe('a SEND of who is told what becomes of it', () => {
  it('waits until its room passes here, and of nobody else', async () => {
    const covered = Promise.withResolvers<void>();
    let isCovered = false;
    const feed = { coveredSince: () => (isCovered ? 1 : Infinity), whenCovered: () => covered.promise };
    const published: number[] = [];
    const publish = ({ value }: MessageToPublish) => Promise.resolve(published.push(value.senderId));
    const isFollowed = (userId: typeof ada) => userId === ada;
    const findMembership = () => Promise.resolve(membership);
    const sendMessage = new SendMessage({ ...optionsOf(), publish, isFollowed, findMembership, feed });
    const body = new TextEncoder().encode('{"content":"hi"}');
    const send = (senderId: typeof ada) => {
      const request = { roomId: room, senderId, kind: null, body, clientMessageId: undefined, resend: undefined };
      return sendMessage.accept(request, DUE_AT);
    };
    const mine = send(ada);
    expect(mine.handedOver).not.toBeNull();
    await send(asUserId(2)).outcome;
    expect(published).toEqual([2]);
    isCovered = true;
    covered.resolve();
    await mine.outcome;
    expect(published).toEqual([2, ada]);
    expect(send(ada).handedOver).toBeNull();
  });
});

describe('sending the messages of a transaction', () => {
  function sendingTogether(change: Partial<SendMessageOptions> = {}) {
    const batches: Array<readonly MessageToPublish[]> = [];
    let lastId = 41;
    const sendMessage = new SendMessage({
      ...optionsOf(),
      nextMessageId: () => asMessageId((lastId += 1)),
      publishTogether: (records) => (batches.push(records), Promise.resolve()),
      ...change,
    });
    const commit = (
      ...messages: ReadonlyArray<readonly [content: unknown, clientMessageId?: string, level?: string]>
    ) =>
      sendMessage.acceptTogether(
        messages.map(([content, clientMessageId, receiptLevel]) => ({
          ...{ roomId: room, senderId: ada, kind: null, resend: undefined, clientMessageId, receiptLevel },
          body: new TextEncoder().encode(JSON.stringify({ content })),
        })),
        DUE_AT,
      );
    return { commit, batches };
  }

  it('publishes all of them at once and answers each', async () => {
    const { commit, batches } = sendingTogether();
    const { handedOver, outcome } = commit(['a'], ['b', 'c-1']);
    expect(handedOver).toBeNull();
    expect(batches.map((batch) => batch.map(({ value }) => value.content))).toEqual([['a', 'b']]);
    expect(await outcome).toEqual([{ 'message-id': '42' }, { 'message-id': '43' }]);
  });

  it('answers all of them once all are stored where one is to be', async () => {
    const stored: unknown[] = [];
    const whenStored = (sent: SentMessageKey, dueAt: number) => (
      stored.push({ sent, dueAt }),
      Promise.resolve(sent.messageId)
    );
    const { commit } = sendingTogether({ stored: { whenStored } });
    await commit(['a'], ['b']).outcome;
    expect(stored).toEqual([]);
    expect(await commit(['c'], ['d', 'c-1', 'persisted']).outcome).toEqual([
      { 'message-id': '44' },
      { 'message-id': '45' },
    ]);
    const sent = { roomId: room, senderId: ada };
    expect(stored).toEqual([
      { sent: { ...sent, messageId: 44, clientMessageId: null }, dueAt: DUE_AT },
      { sent: { ...sent, messageId: 45, clientMessageId: 'c-1' }, dueAt: DUE_AT },
    ]);
  });

  it('publishes none where one is invalid, or its room is closed to the sender, and says which', async () => {
    const { commit, batches } = sendingTogether();
    await expect(commit(['a'], [5]).outcome).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringMatching(/^Message 2 of the transaction: /),
    });
    const closed = sendingTogether({ peekMembership: () => ({ ...membership, roomStatus: 'ARCHIVED' }) });
    await expect(closed.commit(['a', 'c']).outcome).rejects.toMatchObject({ code: 'ROOM_ARCHIVED' });
    const foreign = sendingTogether({ peekMembership: () => undefined });
    await expect(foreign.commit(['a']).outcome).rejects.toMatchObject({ code: 'NOT_A_MEMBER' });
    expect([...batches, ...closed.batches, ...foreign.batches]).toEqual([]);
  });

  it('publishes a key once, in the transaction and beside it', async () => {
    const pending = new PendingSends();
    const { commit, batches } = sendingTogether({ keys: keys({ pending }) });
    const both = [commit(['a', 'c-1'], ['a', 'c-1']).outcome, commit(['a', 'c-1']).outcome];
    expect(await Promise.all(both)).toEqual([
      [{ 'message-id': '42' }, { 'message-id': '42' }],
      [{ 'message-id': '42' }],
    ]);
    expect(batches.map((batch) => batch.length)).toEqual([1]);
  });

  it('forgets its keys where nothing was published, also by a conflict between its own messages', async () => {
    const pending = new PendingSends();
    const { commit } = sendingTogether({
      keys: keys({ pending }),
      publishTogether: () => Promise.reject(new ChatError('UNKNOWN')),
    });
    expect(await codeOf(commit(['a', 'c-1'], ['b', 'c-1']).outcome)).toBe('IDEMPOTENCY_CONFLICT');
    expect(await codeOf(commit(['a', 'c-1'], ['b', 'c-2']).outcome)).toBe('UNKNOWN');
    expect(pending.count).toBe(0);
  });

  it('looks up what memory does not know before its place in the order is fixed', async () => {
    const found = Promise.withResolvers<Membership>();
    const { commit, batches } = sendingTogether({
      peekMembership: () => undefined,
      findMembership: () => found.promise,
    });
    const { handedOver, outcome } = commit(['a'], ['b']);
    expect(handedOver).not.toBeNull();
    expect(batches).toEqual([]);
    found.resolve(membership);
    await handedOver;
    expect(batches).toHaveLength(1);
    expect(await outcome).toHaveLength(2);
  });
});

describe('sending a message', () => {
  it('publishes it whole, under its id, and answers with the id', async () => {
    const { send, published } = sending();
    const { handedOver, outcome } = send({ content: ' hi ' }, 'c-1');
    expect(handedOver).toBeNull();
    expect(published).toEqual([
      {
        message: {
          id: 42,
          senderId: 1,
          roomId: 7,
          content: ' hi ',
          type: 'GROUP',
          timestamp: '2025-04-29T15:23:00.000Z',
        },
        metadata: {
          id: '42',
          source: 'ws-gateway/1',
          time: '2025-04-29T15:23:00.000Z',
          headers: { 'sender-id': '1', 'client-message-id': 'c-1' },
        },
      },
    ]);
    expect(await outcome).toEqual({ 'message-id': '42' });
  });

  it('answers only when Kafka has acknowledged', async () => {
    const acknowledged = Promise.withResolvers<void>();
    const { send } = sending({ publish: () => acknowledged.promise });
    let isAnswered = false;
    const answer = send({ content: 'hi' }).outcome.then(() => (isAnswered = true));
    await Promise.resolve();
    expect(isAnswered).toBe(false);
    acknowledged.resolve();
    await answer;
  });

  it('asks the database where memory does not know the member, and holds the order meanwhile', async () => {
    const answer = Promise.withResolvers<Membership>();
    const { send, published } = sending({ peekMembership: () => undefined, findMembership: () => answer.promise });
    const { handedOver, outcome } = send({ content: 'hi' });
    expect(handedOver).not.toBeNull();
    answer.resolve(membership);
    await handedOver;
    expect(published).toHaveLength(1);
    await outcome;
  });

  it('is answered within 5 s when the database hangs, and then publishes nothing', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const answer = Promise.withResolvers<Membership>();
    const { send, published } = sending({ peekMembership: () => undefined, findMembership: () => answer.promise });
    const code = codeOf(send({ content: 'hi' }).outcome);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(await code).toBe('UNAVAILABLE');
    answer.resolve(membership);
    await vi.advanceTimersByTimeAsync(0);
    expect(published).toEqual([]);
  });

  it('refuses who is no member, and an archived room', async () => {
    expect(await codeOf(sending({ peekMembership: () => undefined }).send({ content: 'hi' }).outcome)).toBe(
      'NOT_A_MEMBER',
    );
    const archived = { peekMembership: () => ({ ...membership, roomStatus: 'ARCHIVED' as const }) };
    expect(await codeOf(sending(archived).send({ content: 'hi' }).outcome)).toBe('ROOM_ARCHIVED');
  });

  it.each([
    ['no JSON', '{', 'INVALID_JSON'],
    ['another shape', [], 'INVALID_REQUEST'],
    ['no content', { content: '' }, 'INVALID_REQUEST'],
    ['10,001 code points', { content: 'x'.repeat(10_001) }, 'INVALID_REQUEST'],
    ['U+0000', { content: 'a\u0000' }, 'INVALID_REQUEST'],
    ['10,000 code points of two units each', { content: '😀'.repeat(10_000) }, 'accepted'],
  ])('judges a body with %s', async (_, body, code) => {
    expect(await codeOf(sending().send(body).outcome)).toBe(code);
  });

  it('refuses a malformed client-message-id', async () => {
    expect(await codeOf(sending().send({ content: 'hi' }, 'a b').outcome)).toBe('INVALID_REQUEST');
    expect(await codeOf(sending().send({ content: 'hi' }, 'x'.repeat(129)).outcome)).toBe('INVALID_REQUEST');
  });

  it('answers a repeated client-message-id with the id of the first, publishing nothing', async () => {
    const first = { messageId: '41', digest: contentDigest('hi'), isCertain: true };
    const { send, published } = sending({
      keys: keys({ findRecent: ({ clientMessageId }) => (clientMessageId === 'c-1' ? first : undefined) }),
    });
    expect(await send({ content: 'hi' }, 'c-1').outcome).toEqual({ 'message-id': '41' });
    expect(await codeOf(send({ content: 'other' }, 'c-1').outcome)).toBe('IDEMPOTENCY_CONFLICT');
    expect(published).toEqual([]);
  });

  it('asks the rows for a resend, and holds the order meanwhile', async () => {
    const stored = Promise.withResolvers<StoredKey>();
    const { send, published } = sending({
      findMembership: () => Promise.resolve(membership),
      keys: keys({ findStored: () => stored.promise }),
    });
    const { handedOver, outcome } = send({ content: 'hi' }, 'c-1', 'true');
    expect(handedOver).not.toBeNull();
    stored.resolve({ first: { messageId: '41', digest: contentDigest('hi'), isCertain: true }, storedUpTo: 0 });
    expect(await outcome).toEqual({ 'message-id': '41' });
    expect(published).toEqual([]);
  });

  it('says of a resend that its outcome is unknown while the database hangs, and publishes nothing', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { send, published } = sending({
      findMembership: () => Promise.resolve(membership),
      keys: keys({ findStored: () => new Promise(() => {}) }),
    });
    const code = codeOf(send({ content: 'hi' }, 'c-1', 'true').outcome);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(await code).toBe('UNKNOWN');
    expect(published).toEqual([]);
  });

  it('refuses a resend without a key, and any other word than true and false', async () => {
    expect(await codeOf(sending().send({ content: 'hi' }, undefined, 'true').outcome)).toBe('INVALID_REQUEST');
    expect(await codeOf(sending().send({ content: 'hi' }, 'c-1', 'yes').outcome)).toBe('INVALID_REQUEST');
    expect(await codeOf(sending().send({ content: 'hi' }, 'c-1', 'false').outcome)).toBe('accepted');
  });
});

describe('changing a message', () => {
  const [own, others] = [asMessageId(30), asMessageId(31)];
  const findMembership = () => Promise.resolve(membership);
  const knowing = () => {
    const known = new KnownMessages();
    known.note({ id: own, roomId: room, senderId: ada, kind: null });
    known.note({ id: others, roomId: room, senderId: asUserId(2), kind: null });
    return known;
  };

  it.each([
    ['EDIT', { targetId: own, content: 'new' }, { kind: 'EDIT', targetId: own, content: 'new' }],
    ['DELETE', { targetId: own, content: 'ignored' }, { kind: 'DELETE', targetId: own, content: '' }],
    ['REACTION', { targetId: others, content: '👍' }, { kind: 'REACTION', targetId: others, content: '👍' }],
    ['REACTION', { targetId: own, content: 'x', removed: true }, { kind: 'REACTION', content: 'x', removed: true }],
    ['REACTION', { targetId: own, content: 'x', removed: false }, { kind: 'REACTION', content: 'x' }],
  ] as const)('publishes %s of %j as a record of its own, from memory alone', async (kind, body, message) => {
    const { sendAs, published } = sending(targetsOf(knowing()));
    const { handedOver, outcome } = sendAs(kind, body, 'c-1');
    expect(handedOver).toBeNull();
    expect(await outcome).toEqual({ 'message-id': '42' });
    expect(published).toMatchObject([{ message: { id: 42, senderId: 1, roomId: 7, ...message } }]);
    expect(published[0]?.message.removed).toBe('removed' in message ? true : undefined);
    expect(published[0]?.metadata.headers).toEqual({ 'sender-id': '1', 'client-message-id': 'c-1' });
  });

  it.each([
    ['EDIT', { targetId: own }, 'INVALID_REQUEST'],
    ['EDIT', { targetId: own, content: '' }, 'INVALID_REQUEST'],
    ['EDIT', { content: 'new' }, 'INVALID_REQUEST'],
    ['DELETE', {}, 'INVALID_REQUEST'],
    ['DELETE', { targetId: '30' }, 'INVALID_REQUEST'],
    ['REACTION', { targetId: own, content: 'x'.repeat(33) }, 'INVALID_REQUEST'],
    ['EDIT', { targetId: others, content: 'new' }, 'FORBIDDEN'],
    ['DELETE', { targetId: others }, 'FORBIDDEN'],
    ['EDIT', { targetId: 99, content: 'new' }, 'MESSAGE_NOT_FOUND'],
  ] as const)('refuses %s of %j: %s, and publishes nothing', async (kind, body, code) => {
    const { sendAs, published } = sending({ ...targetsOf(knowing()), findMembership });
    expect(await codeOf(sendAs(kind, body).outcome)).toBe(code);
    expect(published).toEqual([]);
  });

  it('knows at once what it has published itself, and what it has deleted once Kafka has acknowledged', async () => {
    const { send, sendAs } = sending(targetsOf(new KnownMessages()));
    await send({ content: 'hi' }).outcome;
    const target = { targetId: asMessageId(42) };
    expect(await codeOf(sendAs('EDIT', { ...target, content: 'ho' }).outcome)).toBe('accepted');
    expect(await codeOf(sendAs('DELETE', target).outcome)).toBe('accepted');
    for (const kind of ['EDIT', 'DELETE', 'REACTION'] as const) {
      expect(await codeOf(sendAs(kind, { ...target, content: 'x' }).outcome)).toBe('MESSAGE_DELETED');
    }
  });

  it('does not take a message for deleted whose DELETE was not acknowledged', async () => {
    const publish = vi.fn().mockRejectedValueOnce(new ChatError('UNAVAILABLE')).mockResolvedValue(undefined);
    const { sendAs } = sending({ ...targetsOf(knowing()), publish });
    expect(await codeOf(sendAs('DELETE', { targetId: own }).outcome)).toBe('UNAVAILABLE');
    expect(await codeOf(sendAs('EDIT', { targetId: own, content: 'x' }).outcome)).toBe('accepted');
  });

  it('asks the rows where memory does not know the message, and holds the order meanwhile', async () => {
    const stored = { target: { senderId: ada, kind: null, isDeleted: false }, storedUpTo: 0 };
    const { sendAs, published } = sending({ ...targetsOf(new KnownMessages(), stored), findMembership });
    const { handedOver, outcome } = sendAs('EDIT', { targetId: own, content: 'new' });
    expect(handedOver).not.toBeNull();
    await outcome;
    expect(published).toHaveLength(1);
  });

  it('is refused for a message that is deleted while the rows are asked', async () => {
    const known = new KnownMessages();
    const stored = Promise.withResolvers<StoredTarget>();
    const options = { known, findStored: () => stored.promise, readUpTo: () => 0, clock };
    const { sendAs, published } = sending({ known, targets: new ChangeTargets(options), findMembership });
    const code = codeOf(sendAs('EDIT', { targetId: own, content: 'new' }).outcome);
    await Promise.resolve();
    known.deleted(room, own);
    stored.resolve({ target: { senderId: ada, kind: null, isDeleted: false }, storedUpTo: 0 });
    expect(await code).toBe('MESSAGE_DELETED');
    expect(published).toEqual([]);
  });

  it('is refused for who is removed while the rows are asked', async () => {
    const known = new KnownMessages();
    const stored = Promise.withResolvers<StoredTarget>();
    const options = { known, findStored: () => stored.promise, readUpTo: () => 0, clock };
    let isMember = true;
    const peekMembership = () => (isMember ? membership : undefined);
    const targets = new ChangeTargets(options);
    const { sendAs, published } = sending({ known, targets, findMembership, peekMembership });
    const code = codeOf(sendAs('EDIT', { targetId: own, content: 'new' }).outcome);
    isMember = false;
    stored.resolve({ target: { senderId: ada, kind: null, isDeleted: false }, storedUpTo: 0 });
    expect(await code).toBe('NOT_A_MEMBER');
    expect(published).toEqual([]);
  });

  it('answers a repeat with the id of the first, though the message is deleted by now; anything else under its key is refused', async () => {
    const change = { kind: 'DELETE', targetId: own, isRemoval: false } as const;
    const first = { messageId: '41', digest: messageDigest(contentDigest(''), change), isCertain: true };
    const known = knowing();
    known.deleted(room, own);
    const { sendAs, published } = sending({ ...targetsOf(known), keys: keys({ findRecent: () => first }) });
    expect(await sendAs('DELETE', { targetId: own }, 'c-1').outcome).toEqual({ 'message-id': '41' });
    expect(await codeOf(sendAs('DELETE', { targetId: others }, 'c-1').outcome)).toBe('IDEMPOTENCY_CONFLICT');
    expect(await codeOf(sendAs('REACTION', { targetId: own, content: 'x' }, 'c-1').outcome)).toBe(
      'IDEMPOTENCY_CONFLICT',
    );
    expect(published).toEqual([]);
  });
});

describe('a SEND with a receipt level', () => {
  const sent = { roomId: room, senderId: ada, messageId: 42, clientMessageId: 'c-1' };

  it('accepted, or none, is answered once Kafka has acknowledged', async () => {
    const { send } = sending();
    expect(await send({ content: 'hi' }, 'c-1', undefined, 'accepted').outcome).toEqual({ 'message-id': '42' });
    expect(await send({ content: 'hi' }).outcome).toEqual({ 'message-id': '42' });
  });

  it('persisted is answered once the message is stored, under the id that it has there', async () => {
    const whenStored = vi.fn(() => Promise.resolve(asMessageId(41)));
    const { send, published } = sending({ stored: { whenStored } });
    const { handedOver, outcome } = send({ content: 'hi' }, 'c-1', undefined, 'persisted');
    expect(handedOver).toBeNull(); // frames behind it go on
    expect(await outcome).toEqual({ 'message-id': '41' });
    expect(whenStored).toHaveBeenCalledExactlyOnceWith(sent, DUE_AT);
    expect(published).toHaveLength(1);
  });

  it('persisted is not waited for where the message is not in the log', async () => {
    const whenStored = vi.fn(() => Promise.resolve(asMessageId(42)));
    const publish = () => Promise.reject(new ChatError('UNAVAILABLE'));
    const { send } = sending({ stored: { whenStored }, publish });
    expect(await codeOf(send({ content: 'hi' }, undefined, undefined, 'persisted').outcome)).toBe('UNAVAILABLE');
    expect(whenStored).not.toHaveBeenCalled();
  });

  it('of another name is refused, and nothing is published', async () => {
    const { send, published } = sending();
    await expect(send({ content: 'hi' }, undefined, undefined, 'delivered').outcome).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'receipt-level must be accepted or persisted',
    });
    expect(published).toEqual([]);
  });
});
