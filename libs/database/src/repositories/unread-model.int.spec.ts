import { asRoomId, asUserId, type RoomId, type UserId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { useOpenDatabase } from '../open-database-under-test.ts';
import type { Removal } from '../persisted-messages/retention-repository.ts';

const STEPS = 10_000;
const AT = new Date('2026-01-02T03:04:05.678Z');
const USERS = [1, 2, 3, 4].map(asUserId);
const ROOM_COUNT = 3;

const under = useOpenDatabase();

interface Place {
  readonly epoch: number;
  readonly offset: number;
}

interface Written extends Place {
  readonly senderId: UserId;
  readonly counts: boolean;
}

/** A room in the plainest words: all that was written, and from where on each member is owed it. */
interface Room {
  readonly roomId: RoomId;
  /** Its only room, so that offsets are the room's own. */
  readonly partition: number;
  version: number;
  next: number;
  readonly written: Written[];
  readonly eventIds: string[];
  /** How many of them were removed for their age. */
  removedCount: number;
  readonly old: Set<Written>;
  readonly readUpTo: Map<UserId, Place>;
}

const START: Place = { epoch: -1, offset: -1 };
const isAfter = (one: Place, other: Place) =>
  one.epoch > other.epoch || (one.epoch === other.epoch && one.offset > other.offset);

/** The same sequence of numbers each time. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

class Chat {
  readonly #random = randomFrom(20_261_130);
  readonly rooms: Room[] = [];
  #epoch = 1;

  async open(): Promise<void> {
    await under.stored.logEpochs.openFirst({ name: 'chat-messages', partitionCount: ROOM_COUNT });
    for (let partition = 0; partition < ROOM_COUNT; partition += 1) {
      const about = { name: 'a', description: 'b', type: 'GROUP', visibility: 'PUBLIC', metadata: {} } as const;
      const { id } = await under.stored.rooms.createRoom({ ...about, ownerId: asUserId(1), at: AT });
      const nothing = { written: [], eventIds: [], removedCount: 0, old: new Set<Written>(), readUpTo: new Map() };
      this.rooms.push({ roomId: id, partition, version: 1, next: 0, ...nothing });
      await under.stored.persistedMessages.openPosition(this.#epoch, partition, 0);
    }
  }

  /** One of the things that happen, the frequent ones often. */
  async step(): Promise<void> {
    const room = this.#pick(this.rooms);
    const dice = this.#random(1_000);
    if (dice < 450) await this.#write(room);
    else if (dice < 850) await this.#read(room);
    else if (dice < 925) await this.#join(room);
    else if (dice < 985) await this.#leave(room);
    else if (dice < 988) await this.#age(room);
    else if (dice < 995) await under.stored.erasures.eraseTexts(this.#pick(USERS), 1 + this.#random(20));
    else await this.#beginEpoch();
  }

  async #write(room: Room): Promise<void> {
    const { roomId, partition, next: expected } = room;
    const rows = Array.from({ length: 1 + this.#random(4) }, (_, at) => {
      const counts = this.#random(4) > 0;
      const known = room.eventIds.slice(room.removedCount); // what was removed is not known again
      const isRepeat = known.length > 0 && this.#random(20) === 0;
      const eventId = isRepeat ? this.#pick(known) : `${this.#epoch}-${expected + at}`;
      const place = { logOffset: expected + at, id: expected + at, roomId, senderId: this.#pick(USERS) };
      const about = {
        content: 'x',
        type: 'GROUP',
        kind: counts ? null : 'EDIT',
        clientMessageId: null,
        system: null,
        targetId: null,
        removed: false,
      };
      return { ...place, ...about, counts, isRepeat, eventId, sentAtMs: AT.getTime() };
    });
    room.next = expected + rows.length + this.#random(2); // a log has holes
    const batch = { epoch: this.#epoch, partition, expected, next: room.next, last: null, rows };
    await under.stored.persistedMessages.saveBatch(batch);
    for (const { isRepeat, eventId, logOffset, senderId, counts } of rows) {
      if (isRepeat) continue;
      room.eventIds.push(eventId);
      room.written.push({ epoch: this.#epoch, offset: logOffset, senderId, counts });
    }
  }

  /** Devices of several users tell marks in any order, old ones and those of logs before among them, also of who is no member. */
  async #read(room: Room): Promise<void> {
    const users = USERS.filter(() => this.#random(3) === 0);
    const marks = users.flatMap((userId) => {
      const newest = room.written.slice(room.removedCount).slice(this.#random(2) === 0 ? -5 : 0);
      return newest.length === 0 ? [] : [{ roomId: room.roomId, userId, position: this.#pick(newest) }];
    });
    await under.stored.receiptMarks.saveRead(marks);
    for (const { userId, position } of marks) {
      const known = room.readUpTo.get(userId);
      if (known !== undefined && isAfter(position, known)) room.readUpTo.set(userId, position);
    }
  }

  async #join(room: Room): Promise<void> {
    const userId = this.#pick(USERS);
    if (room.readUpTo.has(userId)) return;
    const change = { roomId: room.roomId, userId, role: 'MEMBER', version: (room.version += 1) } as const;
    await under.stored.members.addMember(change, AT);
    room.readUpTo.set(userId, room.written.at(-1) ?? START);
  }

  async #leave(room: Room): Promise<void> {
    const userId = this.#pick(USERS);
    if (room.readUpTo.delete(userId)) await under.stored.members.removeMember(room.roomId, userId);
  }

  /** Rows of a room become old, the eldest as a rule, or some behind one that does not; what is old up to the first young one goes. */
  async #age(room: Room): Promise<void> {
    const { roomId, written, removedCount } = room;
    const from = this.#random(3) === 0 ? 1 : 0;
    const places = written.slice(
      removedCount + from,
      removedCount + from + this.#random(written.length - removedCount + 1),
    );
    for (const place of places) room.old.add(place);
    await under.query(
      `UPDATE messages SET stored_at = stored_at - interval '1 year' WHERE room_id = $1 AND (epoch, log_offset) IN (
        SELECT * FROM unnest($2::int[], $3::bigint[])
      )`,
      [roomId, places.map(({ epoch }) => epoch), places.map(({ offset }) => offset)],
    );
    const bounds = { rooms: 1 + this.#random(3), rowsPerRoom: 1 + this.#random(50) };
    const before = new Date(Date.now() - 86_400_000);
    for (let at: bigint | null = 0n; at !== null;) {
      const { removedCount: count, upToRoomId }: Removal = await under.stored.retention.removeOlder(before, at, bounds);
      if (count === 0) at = upToRoomId;
    }
    const young = written.findIndex((place) => !room.old.has(place));
    room.removedCount = young < 0 ? written.length : young;
    const [left] = await under.query<{ count: string }>('SELECT count(*) FROM messages WHERE room_id = $1', [roomId]);
    expect(Number(left?.count)).toBe(written.length - room.removedCount);
  }

  async #beginEpoch(): Promise<void> {
    const topic = { name: 'chat-messages', partitionCount: ROOM_COUNT };
    const anew = this.#pick(this.rooms);
    const carried = this.rooms.filter((room) => room !== anew).map(({ partition }) => partition);
    await under.stored.logEpochs.openNext({ closing: this.#epoch, topic, carried });
    this.#epoch += 1;
    anew.next = 0;
    await under.stored.persistedMessages.openPosition(this.#epoch, anew.partition, 0);
  }

  /** What each of the users has not read in his rooms, counted one by one. */
  expected(users: readonly UserId[]): string[] {
    return this.rooms.flatMap(({ roomId, written, readUpTo }) =>
      users.flatMap((userId) => {
        const mark = readUpTo.get(userId);
        if (mark === undefined) return [];
        const unread = written.filter((each) => each.counts && each.senderId !== userId && isAfter(each, mark));
        return [`${roomId}/${userId}: ${unread.length}`];
      }),
    );
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[this.#random(values.length)] as Value; // never of an empty list
  }
}

/** As members of rooms are asked for. */
async function toldOfAll(rooms: readonly Room[]): Promise<string[]> {
  const everybody = rooms.flatMap(({ roomId }) => USERS.map((userId) => ({ roomId, userId })));
  const members = await under.stored.unread.listUnreadOfMembers(everybody);
  return members.map(({ roomId, userId, unreadCount }) => `${roomId}/${userId}: ${unreadCount}`);
}

/** As a user asks. */
async function toldOf(userId: UserId): Promise<string[]> {
  return (await under.stored.unread.listUnreadOf(userId)).map(
    ({ roomId, unreadCount }) => `${roomId}/${userId}: ${unreadCount}`,
  );
}

describe('unread messages', () => {
  it(`are what counting one by one says, at each of ${STEPS} random steps`, async () => {
    const chat = new Chat();
    await chat.open();
    for (let step = 0; step < STEPS; step += 1) {
      await chat.step();
      if (step % 2 === 0) expect((await toldOfAll(chat.rooms)).sort()).toEqual(chat.expected(USERS).sort());
      else {
        const userId = asUserId(1 + ((step >> 1) % USERS.length));
        expect(await toldOf(userId)).toEqual(chat.expected([userId]));
      }
    }
    expect(await under.stored.unread.listUnreadOfMembers([{ roomId: asRoomId(999_999), userId: asUserId(1) }])).toEqual(
      [],
    );
  }, 300_000);
});
