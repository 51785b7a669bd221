import { asRoomId, asUserId, type RoomId, type UserId } from '@chat/dto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { DueNotifications, type Due, type News } from './due-notifications.ts';

const [lobby, hall] = [asRoomId(7), asRoomId(8)];
const [ann, bob, cid] = [asUserId(1), asUserId(2), asUserId(3)];
const LIMITS = {
  everyMs: 1_000,
  waitMs: 2_000,
  retryMs: 200,
  retryMaxMs: 1_000,
  lateForMs: 100_000,
  maxRooms: 2,
  maxLateRooms: 1,
};

let storedUpTo: number;
let due: DueNotifications;

beforeEach(() => {
  storedUpTo = Infinity;
  due = new DueNotifications({ ...LIMITS, isStored: (_, offset) => offset < storedUpTo });
});

const by = (senderId: UserId, offset: number): News => ({ senderId, offset, body: null, preview: null });
const write = (roomId: RoomId, senderId: UserId, offset: number, now: number) =>
  due.noteMessage(roomId, by(senderId, offset), now);
const textOf = ({ roomId, userId, news, readUpTo }: Due) =>
  `${roomId}/${userId} ${news?.offset ?? 'no message'}${readUpTo === null ? '' : `, read ${readUpTo.offset}`}`;
const taken = (now: number) => due.take(now).map(textOf);

describe('what is due', () => {
  it('is the last message of a room, to all its members here but who wrote it', () => {
    for (const userId of [ann, bob, cid]) due.add(userId, [lobby]);
    write(lobby, ann, 5, 0);
    write(lobby, ann, 6, 0);
    expect(taken(0)).toEqual(['7/2 6', '7/3 6']);
    expect(due.isEmpty).toBe(true);
  });

  it('is, to who wrote the last one, the last one of somebody else', () => {
    due.add(ann, [lobby]);
    due.add(bob, [lobby]);
    write(lobby, ann, 5, 0);
    write(lobby, bob, 6, 0);
    write(lobby, bob, 7, 0);
    expect(taken(0)).toEqual(['7/1 7', '7/2 5']);
  });

  it('is at most one a second of each room, the first at once', () => {
    due.add(bob, [lobby, hall]);
    write(lobby, ann, 5, 100);
    expect(taken(100)).toEqual(['7/2 5']);
    write(lobby, ann, 6, 200);
    write(hall, ann, 9, 300);
    expect(taken(300)).toEqual(['8/2 9']);
    write(lobby, ann, 7, 400);
    expect(taken(1_099)).toEqual([]);
    expect(taken(1_100)).toEqual(['7/2 7']);
  });

  it('waits until the message is stored, but not for ever', () => {
    due.add(bob, [lobby]);
    storedUpTo = 5;
    write(lobby, ann, 5, 0);
    expect(taken(1_999)).toEqual([]);
    storedUpTo = 6;
    expect(taken(1_999)).toEqual(['7/2 5']);
    storedUpTo = 0;
    write(lobby, ann, 6, 3_000);
    write(lobby, ann, 7, 4_500);
    expect(taken(4_999)).toEqual([]);
    expect(taken(5_000)).toEqual(['7/2 7']);
  });

  it('is the mark of a user alone, together with what is news', () => {
    due.add(ann, [lobby]);
    due.add(bob, [lobby]);
    due.noteChange(lobby, bob, { epoch: 1, offset: 4 }, 0);
    due.noteChange(lobby, bob, { epoch: 1, offset: 3 }, 0);
    expect(taken(0)).toEqual(['7/2 no message, read 4']);
    write(lobby, cid, 5, 500);
    due.noteChange(lobby, bob, { epoch: 1, offset: 5 }, 600);
    expect(taken(600).sort()).toEqual(['7/1 5', '7/2 5, read 5']);
  });

  it('comes again soon where it was given back, with what came meanwhile, waiting since it began', () => {
    due.add(bob, [lobby]);
    write(lobby, ann, 5, 100);
    const [first] = due.take(100);
    write(lobby, ann, 6, 150);
    if (first !== undefined) due.giveBack(first, 200);
    expect(taken(399)).toEqual([]);
    expect(due.take(400)).toEqual([expect.objectContaining({ news: by(ann, 5), since: 100 })]);
    expect(taken(1_100)).toEqual(['7/2 6']);
  });

  it('is tried again ever less often where it waits for long, unless something comes, and of so many rooms alone', () => {
    due.add(bob, [lobby, hall]);
    const untilTaken = (from: number) => {
      for (let now = from; now < from + 9_000; now += 100) {
        const [one] = due.take(now);
        if (one === undefined) continue;
        due.giveBack(one, now);
        return now - from;
      }
      return Infinity;
    };
    due.noteChange(lobby, bob, { epoch: 1, offset: 4 }, 0);
    const gaps: number[] = [];
    for (let now = 0; now < 6_000; now += gaps.at(-1) ?? 0) gaps.push(untilTaken(now));
    expect(gaps.filter((ms) => ms > 200)).toEqual([400, 800, 1_000, 1_000, 1_000]);
    due.noteChange(hall, bob, { epoch: 1, offset: 4 }, 3_000);
    for (const one of due.take(8_000)) due.giveBack(one, 8_000);
    expect(taken(9_900)).toEqual(['7/2 no message, read 4']);
  });

  it('is not the count behind a message that is not stored, however long that takes', () => {
    due.add(bob, [lobby]);
    storedUpTo = 5;
    write(lobby, ann, 5, 0);
    const [told] = due.take(2_000);
    if (told !== undefined) due.giveBack({ ...told, news: null, uncountedUpTo: 5 }, 2_000);
    expect(taken(60_000)).toEqual([]);
    storedUpTo = 6;
    expect(taken(60_100)).toEqual(['7/2 no message']);
  });

  it('is a count no longer once it has waited for very long', () => {
    due.add(bob, [lobby]);
    due.noteChange(lobby, bob, null, 0);
    for (const one of due.take(99_999)) due.giveBack(one, 99_999);
    expect(due.isEmpty).toBe(false);
    for (const one of due.take(101_000)) due.giveBack(one, 101_000);
    expect(due.isEmpty).toBe(true);
  });

  it('counts the second from when it was told', () => {
    due.add(bob, [lobby]);
    write(lobby, ann, 5, 0);
    expect(taken(0)).toEqual(['7/2 5']);
    due.noteTold(lobby, 700);
    write(lobby, ann, 6, 800);
    expect(taken(1_699)).toEqual([]);
    expect(taken(1_700)).toEqual(['7/2 6']);
  });

  it('is nothing of rooms that a user has left, or to who no longer listens', () => {
    due.add(ann, [lobby, hall]);
    due.add(bob, [lobby]);
    write(lobby, cid, 5, 0);
    due.remove(bob, lobby);
    expect(taken(0)).toEqual(['7/1 5']);
    write(hall, cid, 6, 2_000);
    due.removeAll(ann);
    expect(due.isEmpty).toBe(true);
    expect([due.isNotified(lobby), due.isNotified(hall)]).toEqual([false, false]);
    const late = { readUpTo: null, uncountedUpTo: -1, since: 0, lateCount: 0 };
    due.giveBack({ roomId: lobby, userId: bob, news: by(cid, 5), ...late }, 0);
    due.noteChange(lobby, bob, null, 0);
    expect(taken(9_000)).toEqual([]);
  });

  it('is of so many rooms at a time', () => {
    const third = asRoomId(9);
    due.add(bob, [lobby, hall, third]);
    for (const roomId of [lobby, hall, third]) write(roomId, ann, 5, 0);
    expect(taken(0)).toEqual(['7/2 5', '8/2 5']);
    write(third, ann, 6, 0);
    expect(taken(0)).toEqual(['9/2 6']);
  });

  it('shows a preview, and does not hold on to the bytes of the message', () => {
    due.add(bob, [lobby]);
    due.noteMessage(lobby, { ...by(ann, 5), body: new Uint8Array(3) }, 0);
    due.makePreviews((body) => `${body.length} bytes`);
    due.makePreviews(() => 'made twice');
    expect(due.take(0)).toEqual([expect.objectContaining({ news: { ...by(ann, 5), preview: '3 bytes' } })]);
  });

  it('is, in any run, the last that there is in the end, never the own, and never two of a room within a second', () => {
    const steps = fc.array(
      fc.record({
        sender: fc.constantFrom(ann, bob, cid),
        roomId: fc.constantFrom(lobby, hall),
        gapMs: fc.nat(900),
        isStored: fc.boolean(),
        isLate: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const lastOf = new Map<string, number>();
        const toldOf = new Map<string, { offset: number; at: number }>();
        const state = new DueNotifications({ ...LIMITS, isStored: (_, offset) => offset < storedUpTo });
        storedUpTo = 0;
        for (const userId of [ann, bob, cid]) state.add(userId, [lobby, hall]);
        let now = 0;
        const tell = (isLate: boolean) => {
          for (const each of state.take(now)) {
            if (isLate) state.giveBack(each, now);
            else {
              const key = `${each.roomId}/${each.userId}`;
              const before = toldOf.get(key);
              expect(each.news?.senderId).not.toBe(each.userId);
              expect(each.news?.offset).toBeGreaterThan(before?.offset ?? -1);
              expect(now - (before?.at ?? -Infinity)).toBeGreaterThanOrEqual(LIMITS.everyMs);
              toldOf.set(key, { offset: each.news?.offset ?? -1, at: now });
              state.noteTold(each.roomId, now);
            }
          }
        };
        for (const [offset, { sender, roomId, gapMs, isStored, isLate }] of all.entries()) {
          now += gapMs;
          state.noteMessage(roomId, by(sender, offset), now);
          for (const userId of [ann, bob, cid]) if (userId !== sender) lastOf.set(`${roomId}/${userId}`, offset);
          if (isStored) storedUpTo = offset + 1;
          tell(isLate);
        }
        for (let rest = 0; rest < 50; rest += 1) {
          now += 100;
          tell(false);
        }
        expect(state.isEmpty).toBe(true);
        expect(new Map(Array.from(toldOf, ([key, { offset }]) => [key, offset]))).toEqual(lastOf);
      }),
      { numRuns: 2_000 },
    );
  });
});
