import { asMessageId, asRoomId, asUserId, messageStatusOf, type MessageReceipt, type UserId } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SenderReceipts, type Look, type StoredReceipt } from './sender-receipts.ts';

const roomId = asRoomId(7);
const SENDERS = [asUserId(1), asUserId(2)] as const;
const OTHERS = [asUserId(3), asUserId(4), asUserId(5)] as const;
const LIMITS = { maxRooms: 10, maxMessages: 5, looksAtOnce: 1, membersAtOnce: 100 };
const RANKS = { SENT: 0, PERSISTED: 1, DELIVERED: 2, READ: 3 } as const;

interface Mark {
  delivered: number;
  read: number;
}

/** A room: its log, its rows with their marks, and a gateway that reads both, each as late as the test says. */
class World {
  now = 0;
  readonly log: UserId[] = [];
  readonly repeats = new Set<number>();
  readonly members = new Map<UserId, Mark>([...SENDERS, ...OTHERS].map((id) => [id, { delivered: -1, read: -1 }]));
  readonly told = new Map<number, MessageReceipt[]>();
  readonly #receipts = new SenderReceipts(LIMITS, {
    mayHave: (_, offset) => offset < this.#heardStored,
    hasStored: (_, offset) => offset < this.#heardStored,
  });
  readonly #markQueue: { userId: UserId; kind: keyof Mark; offset: number }[] = [];
  #readUpTo = 0;
  #storedUpTo = 0;
  #heardStored = 0;
  #look: { look: Look; rows: StoredReceipt[] } | null = null;

  write(sender: UserId): void {
    this.log.push(sender);
  }

  /** A record that repeats an earlier one, and is never stored. */
  writeRepeat(sender: UserId): void {
    this.repeats.add(this.log.length);
    this.log.push(sender);
  }

  read(count: number): void {
    for (let left = count; left > 0 && this.#readUpTo < this.log.length; left -= 1) {
      const userId = this.log[this.#readUpTo];
      if (userId !== undefined && this.members.has(userId))
        this.#receipts.sent(this.#messageAt(this.#readUpTo, userId), this.now);
      this.#readUpTo += 1;
    }
  }

  store(count: number): void {
    this.#storedUpTo = Math.min(this.log.length, this.#storedUpTo + count);
  }

  hearStored(): void {
    this.#heardStored = this.#storedUpTo;
  }

  /** A mark goes into its topic: the gateway hears of it at once, the rows have it later. */
  mark(userId: UserId, kind: keyof Mark): void {
    if (this.log.length === 0) return;
    this.#markQueue.push({ userId, kind, offset: this.log.length - 1 });
    this.#receipts.marked(roomId, this.now);
  }

  /** A mark is stored once everything up to it is. */
  storeMark(): void {
    const [mark] = this.#markQueue;
    if (mark === undefined || mark.offset >= this.#storedUpTo) return;
    this.#markQueue.shift();
    const member = this.members.get(mark.userId);
    if (member !== undefined) member[mark.kind] = Math.max(member[mark.kind], mark.offset);
  }

  leave(userId: UserId): void {
    if (!this.members.delete(userId)) return;
    this.#receipts.memberLeft(roomId, userId, this.now);
  }

  reopen(sender: UserId): void {
    if (this.members.has(sender)) this.#receipts.opened(sender, roomId, this.now);
  }

  /** The rows are read at one moment, and what they said is heard at another. */
  beginLook(): void {
    if (this.#look !== null) return;
    const [look] = this.#receipts.takeLooks(this.now);
    if (look !== undefined) this.#look = { look, rows: this.#rowsOf(look) };
  }

  endLook(isFailed: boolean): void {
    if (this.#look === null) return;
    const { look, rows } = this.#look;
    this.#look = null;
    if (isFailed) this.#receipts.failed([look], this.now, { isAway: false });
    else this.#receipts.looked(look, rows, this.now);
  }

  tell(): void {
    for (const { receipts } of this.#receipts.takeTellings(this.now)) {
      for (const receipt of receipts) {
        const offset = receipt.messageId - 1;
        expect(RANKS[receipt.status]).toBeLessThanOrEqual(RANKS[this.bestOf(offset)]);
        const before = this.told.get(offset) ?? [];
        for (const { status } of before) expect(RANKS[receipt.status]).toBeGreaterThanOrEqual(RANKS[status]);
        this.told.set(offset, [...before, receipt]);
      }
    }
  }

  /** Everything is read, stored and heard in the end. */
  settle(): void {
    this.read(Infinity);
    this.store(Infinity);
    this.hearStored();
    while (this.#markQueue.length > 0) this.storeMark();
    for (let tick = 0; tick < 200; tick += 1) {
      this.now += 500;
      this.tell();
      for (let each = 0; each < SENDERS.length; each += 1) {
        this.beginLook();
        this.endLook(false);
      }
    }
  }

  reachOf(offset: number) {
    const recipients = [...this.members].filter(([id]) => id !== this.log[offset]).map(([, mark]) => mark);
    const read = recipients.filter((mark) => mark.read >= offset);
    const delivered = recipients.filter((mark) => Math.max(mark.delivered, mark.read) >= offset);
    return { recipientCount: recipients.length, deliveredCount: delivered.length, readCount: read.length };
  }

  /** The most that was ever true of the message: who leaves takes nothing back. */
  bestOf(offset: number): MessageReceipt['status'] {
    const now = offset < this.#storedUpTo && !this.repeats.has(offset) ? messageStatusOf(this.reachOf(offset)) : 'SENT';
    const before = this.#best.get(offset) ?? 'SENT';
    const best = RANKS[now] > RANKS[before] ? now : before;
    this.#best.set(offset, best);
    return best;
  }
  readonly #best = new Map<number, MessageReceipt['status']>();

  noteBest(): void {
    for (const offset of this.log.keys()) this.bestOf(offset);
  }

  #messageAt(offset: number, userId: UserId) {
    return { userId, roomId, messageId: asMessageId(offset + 1), clientMessageId: null, offset };
  }

  #rowsOf({ userId, afterSeq }: Look): StoredReceipt[] {
    const offsets = [...this.log.keys()].filter(
      (offset) =>
        this.log[offset] === userId && !this.repeats.has(offset) && offset < this.#storedUpTo && offset + 1 > afterSeq,
    );
    return offsets.slice(-LIMITS.maxMessages).map((offset) => ({
      ...{ messageId: asMessageId(offset + 1), clientMessageId: null, seq: offset + 1 },
      ...this.reachOf(offset),
    }));
  }
}

const sender = fc.constantFrom(...SENDERS);
const member = fc.constantFrom(...SENDERS, ...OTHERS);
const count = fc.integer({ min: 1, max: 3 });
const step = fc.oneof(
  sender.map((id) => (world: World) => world.write(id)),
  sender.map((id) => (world: World) => world.writeRepeat(id)),
  count.map((n) => (world: World) => world.read(n)),
  count.map((n) => (world: World) => world.store(n)),
  fc.constant((world: World) => world.hearStored()),
  fc.tuple(member, fc.constantFrom('delivered' as const, 'read' as const)).map(
    ([id, kind]) =>
      (world: World) =>
        world.mark(id, kind),
  ),
  fc.constant((world: World) => world.storeMark()),
  fc.constant((world: World) => world.beginLook()),
  fc.boolean().map((isFailed) => (world: World) => world.endLook(isFailed)),
  fc.constant((world: World) => world.tell()),
  fc.integer({ min: 1, max: 2_000 }).map((ms) => (world: World) => void (world.now += ms)),
  sender.map((id) => (world: World) => world.reopen(id)),
  fc.constantFrom(SENDERS[1], ...OTHERS).map((id) => (world: World) => world.leave(id)),
);

describe('what senders are told', () => {
  it('is never told too early, never falls back, and is the truth in the end', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (steps) => {
        const world = new World();
        for (const perform of steps) {
          perform(world);
          world.noteBest();
        }
        world.settle();
        for (const userId of SENDERS.filter((id) => world.members.has(id))) {
          const own = [...world.log.keys()].filter((offset) => world.log[offset] === userId);
          for (const offset of own.slice(-LIMITS.maxMessages).filter((each) => !world.repeats.has(each))) {
            const last = world.told.get(offset)?.at(-1);
            const truth = messageStatusOf(world.reachOf(offset));
            expect(RANKS[last?.status ?? 'SENT']).toBeGreaterThanOrEqual(RANKS[truth]); // more only where who had it left
            const { readCount, recipientCount } = last ?? {};
            if (readCount !== recipientCount) expect(last).toMatchObject(world.reachOf(offset)); // else it was told no more
          }
        }
      }),
      { numRuns: 2_000 },
    );
  }, 60_000);
});
