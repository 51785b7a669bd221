import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OffsetWindow } from './offset-window.ts';
import { RecentMessages, type FirstMessage, type ReadMessage } from './recent-messages.ts';

interface Sent {
  readonly room?: number;
  readonly sender?: number;
  readonly event?: string | null;
  readonly client?: string | null;
}

const bytes = (text: string | null) => (text === null ? null : new TextEncoder().encode(text));
const message = (id: number, { room = 7, sender = 1, event = null, client = null }: Sent): ReadMessage => ({
  messageId: id,
  roomId: asRoomId(room),
  senderId: asUserId(sender),
  ids: { eventId: bytes(event), clientMessageId: bytes(client) },
  digest: client === null ? null : id + 1,
  isCertain: true,
});
const first = (id: number, digest: number | null = id + 1): FirstMessage => ({
  messageId: String(id),
  digest,
  isCertain: true,
});
const named = (clientMessageId: string, room = 7, sender = 1) => ({
  roomId: asRoomId(room),
  senderId: asUserId(sender),
  clientMessageId,
});

describe('recent messages', () => {
  it('know a repeated event id, and which was the first', () => {
    const recent = new RecentMessages(100);
    expect(recent.observe(0, 1, message(41, { event: 'a' }))).toBeNull();
    expect(recent.observe(0, 2, message(42, { event: 'a' }))).toEqual(first(41, null));
  });

  it('know a repeated client message id under another event id', () => {
    const recent = new RecentMessages(100);
    recent.observe(0, 1, message(41, { event: 'a', client: 'k' }));
    expect(recent.observe(0, 2, message(42, { event: 'b', client: 'k' }))).toEqual(first(41));
    expect(recent.find(0, named('k'))).toEqual(first(41));
  });

  it('know where a message lies whose event id is its own id, until a repeat came', () => {
    const recent = new RecentMessages(100);
    const [room, other] = [asRoomId(7), asRoomId(8)];
    recent.observe(0, 5, message(41, { event: '41' }));
    recent.observe(0, 6, message(42, { event: '43' }));
    recent.observe(0, 7, { ...message(44, { event: '44' }), isCertain: false });
    const offsetOf = (id: number, roomId = room) => recent.findOffset(0, roomId, asMessageId(id));
    expect([41, 42, 43, 44].map((id) => offsetOf(id))).toEqual([5, undefined, undefined, undefined]);
    expect(offsetOf(41, other)).toBeUndefined();
    recent.observe(0, 8, message(41, { event: '41' }));
    expect(offsetOf(41)).toBeUndefined();
  });

  it('believe the client message id where the two ids name two messages', () => {
    const recent = new RecentMessages(100);
    recent.observe(0, 1, message(41, { event: 'a' }));
    recent.observe(0, 2, message(42, { event: 'b', client: 'k' }));
    expect(recent.observe(0, 3, message(43, { event: 'a', client: 'k' }))).toEqual(first(42));
  });

  it('do not mix up an event id and a client message id', () => {
    const recent = new RecentMessages(100);
    recent.observe(0, 1, message(41, { event: 'a' }));
    expect(recent.observe(0, 2, message(42, { client: 'a' }))).toBeNull();
    recent.observe(0, 3, message(43, { event: `\u0001${'\0'.repeat(7)}b` })); // what is hashed of sender 1 and client id b
    expect(recent.observe(0, 4, message(44, { client: 'b' }))).toBeNull();
  });

  it('let records without keys always count', () => {
    const recent = new RecentMessages(100);
    expect(recent.observe(0, 1, message(41, {}))).toBeNull();
    expect(recent.observe(0, 2, message(41, {}))).toBeNull();
  });

  it('take no key over from a repeat, as the rows do not', () => {
    const recent = new RecentMessages(100);
    recent.observe(0, 1, message(41, { event: 'a', client: 'k' }));
    recent.observe(0, 2, message(41, { event: 'a', client: 'other' }));
    expect(recent.find(0, named('other'))).toBeUndefined();
  });

  it('forget what lies more than the window behind, in offsets and not in records', () => {
    const recent = new RecentMessages(10);
    recent.observe(0, 1, message(41, { event: 'a' }));
    expect(recent.observe(0, 11, message(42, { event: 'a' }))).toEqual(first(41, null));
    expect(recent.observe(0, 22, message(43, { event: 'a' }))).toBeNull();
  });

  it('keep partitions apart', () => {
    const recent = new RecentMessages(10);
    recent.observe(0, 1, message(41, { event: 'a' }));
    expect(recent.observe(1, 1, message(41, { event: 'a' }))).toBeNull();
  });

  it('judge as a map of texts would, of ids as large as they may be', () => {
    const id = fc.constantFrom(1, 2, 2 ** 32 + 1, 2 ** 32 + 2, 2 ** 53 - 1);
    const text = fc.option(fc.constantFrom('a', 'b', 'a:1', '1:a', '\uFEFFa', 'ß', 'x'.repeat(60), 'x'.repeat(61)));
    const sent = fc.record({ room: id, sender: id, event: text, client: text, gap: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 60 }), fc.integer({ min: 1, max: 100 }), (log, windowOffsets) => {
        const recent = new RecentMessages(windowOffsets);
        const plain = new PlainRecent(windowOffsets);
        let offset = 0;
        for (const [index, { gap, ...given }] of log.entries()) {
          offset += gap;
          const read = message(index, given);
          expect(recent.observe(0, offset, read)).toEqual(plain.observe(offset, read, given));
          const asked = named(given.client ?? 'a', given.room, given.sender);
          expect(recent.find(0, asked)).toEqual(plain.find(given.room, given.sender, asked.clientMessageId));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('judge alike however long they have run: who read only the last window as who read all', () => {
    const logs = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 3 }), key: fc.integer({ min: 0, max: 5 }) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(logs, fc.integer({ min: 1, max: 12 }), fc.nat(), (log, window, cut) => {
        let offset = 0;
        const records = log.map(({ gap, key }) => ({
          offset: (offset += gap),
          read: message(1, { event: `${key}`, client: `${key}` }),
        }));
        const liveFrom = records[cut % records.length]?.offset ?? 0;
        const judge = (from: number) => {
          const recent = new RecentMessages(window);
          return records
            .filter((record) => record.offset >= from)
            .map((record) => [record.offset, recent.observe(0, record.offset, record.read) !== null]);
        };
        const live = (verdicts: unknown[][]) => verdicts.filter(([at]) => Number(at) >= liveFrom);
        expect(live(judge(liveFrom - window))).toEqual(live(judge(0)));
      }),
    );
  });
});

describe('recent messages of a room that was not read from the start', () => {
  it('are known by the word of who has read it', () => {
    const recent = new RecentMessages(100);
    recent.learn(0, 10, message(42, { event: '42', client: 'k' }), first(7));
    expect(recent.find(0, named('k'))).toEqual(first(7));
    recent.learn(0, 11, message(43, { event: '43', client: 'l' }), null);
    expect(recent.find(0, named('l'))).toEqual(first(43));
    expect(recent.findOffset(0, asRoomId(7), asMessageId(43))).toBe(11);
  });

  it('have no place where only a repeat of them was read', () => {
    const recent = new RecentMessages(100);
    recent.learn(0, 10, message(7, { event: '7' }), first(7, null));
    expect(recent.findOffset(0, asRoomId(7), asMessageId(7))).toBeUndefined();
  });

  it('are kept while they are repeated, and forgotten behind the window', () => {
    const recent = new RecentMessages(100);
    recent.learn(0, 10, message(42, { client: 'k' }), null);
    recent.learn(0, 90, message(44, { client: 'k' }), first(42));
    recent.learn(0, 180, message(45, { client: 'other' }), null);
    expect(recent.find(0, named('k'))).toEqual(first(42));
    recent.learn(0, 300, message(46, { client: 'other' }), null);
    expect(recent.find(0, named('k'))).toBeUndefined();
  });
});

/** The rule on texts, as plainly as it can be said. */
class PlainRecent {
  readonly #window: OffsetWindow<string, FirstMessage>;

  constructor(windowOffsets: number) {
    this.#window = new OffsetWindow(windowOffsets);
  }

  observe(offset: number, { messageId, digest }: ReadMessage, { room, sender, event = null, client = null }: Sent) {
    this.#window.advance(offset);
    const names: string[] = [];
    if (client !== null) names.push(`client ${room} ${sender} ${client}`);
    if (event !== null) names.push(`event ${room} ${event}`);
    const shared = names.filter((name) => this.#window.get(name) !== undefined);
    const own = first(messageId, digest);
    const found = this.#window.get(shared[0] ?? '');
    for (const name of found === undefined ? names : shared) {
      this.#window.set(name, this.#window.get(name) ?? own, offset);
    }
    return found ?? null;
  }

  find(room: number, sender: number, client: string) {
    return this.#window.get(`client ${room} ${sender} ${client}`);
  }
}
