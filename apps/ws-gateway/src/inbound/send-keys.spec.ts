import { asRoomId, asUserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import type { FirstMessage } from '../broker/recent-messages.ts';
import { PendingSends } from '../broker/pending-sends.ts';
import { SendKeys, type KeyedSend, type StoredKey } from './send-keys.ts';

/** Digests of two contents. */
const [HI, OTHER] = [1, 2];

const plain: KeyedSend = {
  roomId: asRoomId(7),
  senderId: asUserId(1),
  clientMessageId: 'c',
  digest: HI,
  isResend: false,
};
const resend: KeyedSend = { ...plain, isResend: true };
const NAME = '1:7:c';
const earlier: FirstMessage = { messageId: '41', digest: HI, isCertain: true };
const nothingStored: StoredKey = { first: null, storedUpTo: 0 };

function scene({ rememberedFrom = 0, remembersAll = true, covered = null as Promise<void> | null } = {}) {
  const recent = new Map<string, FirstMessage>();
  const pending = new PendingSends();
  const asked = { count: 0 };
  const stored = { answer: (): Promise<StoredKey> => Promise.resolve(nothingStored) };
  const keys = new SendKeys({
    findRecent: () => recent.get(NAME),
    findStored: () => stored.answer(),
    rememberedFrom: () => rememberedFrom,
    remembersAll: () => remembersAll,
    isCovered: () => covered === null,
    whenCovered: () => {
      asked.count += 1;
      return covered;
    },
    pending,
  });
  /** The log shows this instance a message under the key. */
  const readBack = (first: FirstMessage) => {
    recent.set(NAME, first);
    pending.settle(NAME, first);
  };
  return { keys, pending, recent, stored, asked, readBack };
}

const codeOf = async (work: () => unknown) => {
  try {
    await work();
    return 'none';
  } catch (error) {
    return (error as ChatError).code;
  }
};

describe('a SEND under a key', () => {
  it('is answered like the one before it that the log remembers; another content is refused', async () => {
    const { keys, recent } = scene();
    recent.set(NAME, earlier);
    expect(await keys.findEarlier(plain, null)).toEqual({ 'message-id': '41' });
    expect(await codeOf(() => keys.findEarlier({ ...plain, digest: OTHER }, null))).toBe('IDEMPOTENCY_CONFLICT');
    expect(keys.mustLookUp(resend)).toBe(false);
  });

  it('is answered like the one that is under way, and fails as it fails', async () => {
    const { keys } = scene();
    const acknowledged = Promise.withResolvers<void>();
    keys.published(plain, '42', acknowledged.promise);
    const second = keys.findEarlier(plain, null);
    expect(await codeOf(() => keys.findEarlier({ ...plain, digest: OTHER }, null))).toBe('IDEMPOTENCY_CONFLICT');
    acknowledged.resolve();
    expect(await second).toEqual({ 'message-id': '42' });

    const failing = scene();
    const failed = Promise.reject(new ChatError('OVERLOADED'));
    failing.keys.published(plain, '42', failed);
    expect(await codeOf(() => failing.keys.findEarlier(plain, null))).toBe('OVERLOADED');
    expect(failing.pending.count).toBe(0);
    expect(failing.keys.findEarlier(plain, null)).toBeUndefined();
  });

  it('is answered with its own id as soon as Kafka has it, or with the first one where that is known by then', () => {
    const { keys, readBack } = scene();
    keys.published(plain, '42', Promise.resolve());
    expect(keys.outcomeOf(plain, '42')).toEqual({ 'message-id': '42' });
    readBack(earlier);
    expect(keys.outcomeOf(plain, '42')).toEqual({ 'message-id': '41' });
  });
});

describe('a SEND under a key in a room of which not everything was read here', () => {
  it('is answered only when the log has shown who was first, which need not be known here', async () => {
    const { keys, pending } = scene({ remembersAll: false });
    keys.published(plain, '42', Promise.resolve());
    const outcome = Promise.resolve(keys.outcomeOf(plain, '42'));
    pending.settle(NAME, earlier);
    expect(await outcome).toEqual({ 'message-id': '41' });
  });

  it('waits until the room comes here, before it is published', async () => {
    const covered = Promise.withResolvers<void>();
    const { keys, asked } = scene({ covered: covered.promise });
    expect([keys.mustLookUp(plain), keys.mustLookUp(null)]).toEqual([true, false]);
    expect(asked.count).toBe(0); // what nobody waited for would be an unhandled rejection
    let found: unknown = undefined;
    const lookedUp = keys.lookUp(plain).then((stored) => (found = stored));
    await new Promise(setImmediate);
    expect(found).toBeUndefined();
    covered.resolve();
    expect(await lookedUp).toBeNull();
  });
});

describe('a resend', () => {
  it('is answered from the rows where the log no longer remembers', async () => {
    const { keys, stored } = scene({ rememberedFrom: 1_000 });
    stored.answer = () => Promise.resolve({ first: earlier, storedUpTo: 0 });
    expect(keys.mustLookUp(resend)).toBe(true);
    const found = await keys.lookUp(resend);
    expect(await keys.findEarlier(resend, found)).toEqual({ 'message-id': '41' });
    expect(await codeOf(() => keys.findEarlier({ ...resend, digest: OTHER }, found))).toBe('IDEMPOTENCY_CONFLICT');
  });

  it('is published only when rows and memory together know every record', async () => {
    const { keys } = scene({ rememberedFrom: 1_000 });
    expect(await codeOf(() => keys.findEarlier(resend, { first: null, storedUpTo: 999 }))).toBe('UNKNOWN');
    expect(keys.findEarlier(resend, { first: null, storedUpTo: 1_000 })).toBeUndefined();
    expect(await codeOf(() => keys.findEarlier(resend, null))).toBe('UNKNOWN');
  });

  it('asks the rows where what the log remembers may repeat an older one, and believes the log where they know none', async () => {
    const { keys, recent } = scene({ rememberedFrom: 1_000 });
    recent.set(NAME, { messageId: '200', digest: HI, isCertain: false });
    expect(keys.mustLookUp(resend)).toBe(true);
    expect(await keys.findEarlier(resend, { first: earlier, storedUpTo: 1_000 })).toEqual({ 'message-id': '41' });
    expect(await keys.findEarlier(resend, { first: null, storedUpTo: 1_000 })).toEqual({ 'message-id': '200' });
    expect(await codeOf(() => keys.findEarlier(resend, { first: null, storedUpTo: 999 }))).toBe('UNKNOWN');
    expect(await keys.findEarlier(plain, null)).toEqual({ 'message-id': '200' });
  });

  it('has an unknown outcome while the database does not answer', async () => {
    const { keys, stored } = scene();
    stored.answer = () => Promise.reject(new ChatError('UNAVAILABLE'));
    expect(await codeOf(() => keys.lookUp(resend))).toBe('UNKNOWN');
  });

  it('is answered only when the log has shown who was first, with that one', async () => {
    const { keys, readBack } = scene();
    keys.published(resend, '42', Promise.resolve());
    let answered: unknown = null;
    const outcome = Promise.resolve(keys.outcomeOf(resend, '42')).then((found) => (answered = found));
    await new Promise(setImmediate);
    expect(answered).toBeNull();
    readBack(earlier); // another gateway's came before ours
    expect(await outcome).toEqual({ 'message-id': '41' });
  });

  it('of a SEND that is under way here waits for the log as well', async () => {
    const { keys, readBack } = scene();
    keys.published(plain, '42', Promise.resolve());
    const outcome = keys.findEarlier(resend, null);
    readBack({ messageId: '42', digest: HI, isCertain: true });
    expect(await outcome).toEqual({ 'message-id': '42' });
  });

  it('is refused when the first turns out to be another content', async () => {
    const { keys, readBack } = scene();
    keys.published(resend, '42', Promise.resolve());
    const outcome = keys.outcomeOf(resend, '42');
    readBack({ messageId: '41', digest: OTHER, isCertain: true });
    expect(await codeOf(() => outcome)).toBe('IDEMPOTENCY_CONFLICT');
  });
});
