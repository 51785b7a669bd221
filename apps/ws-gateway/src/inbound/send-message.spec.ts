import { asMessageId, asRoomId, asUserId, type MessageDTO } from '@chat/dto';
import type { RecordMetadata } from '@chat/kafka-contracts';
import { ChatError } from '@chat/service-kit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { contentDigest } from '../broker/content-digest.ts';
import type { Membership } from '../membership/membership-index.ts';
import { PendingSends } from '../broker/pending-sends.ts';
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

const keys = (change: Partial<SendKeysOptions> = {}) =>
  new SendKeys({
    findRecent: () => undefined,
    findStored: () => Promise.resolve({ first: null, storedUpTo: 0 }),
    rememberedFrom: () => 0,
    pending: new PendingSends(),
    ...change,
  });

const optionsOf = (): SendMessageOptions => ({
  peekMembership: () => membership,
  findMembership: () => Promise.reject(new ChatError('NOT_A_MEMBER')),
  nextMessageId: () => asMessageId(42),
  keys: keys(),
  publish: () => Promise.reject(new Error('nothing is published alone here')),
  publishTogether: () => Promise.reject(new Error('nothing is published together here')),
  source: 'ws-gateway/1',
  clock: { now: () => Date.parse('2025-04-29T15:23:00Z') },
});

function sending(change: Partial<SendMessageOptions> = {}) {
  const published: Array<{ message: MessageDTO; metadata: RecordMetadata }> = [];
  const sendMessage = new SendMessage({
    ...optionsOf(),
    publish: ({ value: message, metadata }) => (published.push({ message, metadata }), Promise.resolve()),
    ...change,
  });
  const send = (body: unknown, clientMessageId?: string, resend?: string) =>
    sendMessage.accept({
      roomId: room,
      senderId: ada,
      body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
      clientMessageId,
      resend,
    });
  return { send, published };
}

const codeOf = (outcome: Promise<unknown>) =>
  outcome.then(
    () => 'accepted',
    (error: unknown) => (error as ChatError).code,
  );

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
    const commit = (...messages: ReadonlyArray<readonly [content: unknown, clientMessageId?: string]>) =>
      sendMessage.acceptTogether(
        messages.map(([content, clientMessageId]) => ({
          ...{ roomId: room, senderId: ada, resend: undefined, clientMessageId },
          body: new TextEncoder().encode(JSON.stringify({ content })),
        })),
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
