import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { beforeEach, describe, expect, it } from 'vitest';
import { SenderReceipts, type Look, type StoredReceipt } from './sender-receipts.ts';

const [roomId, ann, bob] = [asRoomId(7), asUserId(1), asUserId(2)];
const LIMITS = { maxRooms: 3, maxMessages: 4, looksAtOnce: 10, membersAtOnce: 1_000_000 };

let now: number;
let storedUpTo: number;
/** Whether it is told what is surely stored. */
let isTold: boolean;
let receipts: SenderReceipts;

beforeEach(() => {
  now = 0;
  storedUpTo = Infinity;
  isTold = false;
  receipts = following();
});

function following(limits = LIMITS): SenderReceipts {
  const mayHave = (_: unknown, offset: number) => offset < storedUpTo;
  return new SenderReceipts(limits, { mayHave, hasStored: (_, offset) => isTold && mayHave(_, offset) });
}

const send = (id: number, userId = ann, room = roomId) =>
  receipts.sent({ userId, roomId: room, messageId: asMessageId(id), clientMessageId: null, offset: id }, now);

const row = (id: number, recipientCount: number, deliveredCount = 0, readCount = 0): StoredReceipt => ({
  ...{ messageId: asMessageId(id), clientMessageId: null, seq: id, recipientCount, deliveredCount, readCount },
});

/** What is told now, as id: status delivered/read/of. */
const tell = () =>
  receipts
    .takeTellings(now)
    .flatMap((telling) => telling.receipts)
    .map(
      ({ messageId, status, deliveredCount, readCount, recipientCount }) =>
        `${messageId}: ${status} ${deliveredCount}/${readCount}/${recipientCount}`,
    );

const looks = (): readonly Look[] => receipts.takeLooks(now);

/** The rows are looked at, which must be due; a second later it is told. */
function look(...rows: StoredReceipt[]): string[] {
  const [one, ...others] = looks();
  if (one === undefined || others.length > 0) throw new Error('not one look was due');
  receipts.looked(one, rows, now);
  now += 1_000;
  return tell();
}

function lookAfterMark(...rows: StoredReceipt[]): string[] {
  receipts.marked(roomId, now);
  now += 300;
  return look(...rows);
}

describe('what a sender is told', () => {
  it('is SENT once the log was read, then what the rows say', () => {
    send(1);
    expect(tell()).toEqual(['1: SENT 0/0/undefined']);
    expect(look()).toEqual([]);
    expect(look(row(1, 2))).toEqual(['1: PERSISTED 0/0/2']);
    expect(lookAfterMark(row(1, 2, 1))).toEqual(['1: PERSISTED 1/0/2']);
    expect(lookAfterMark(row(1, 2, 2, 1))).toEqual(['1: DELIVERED 2/1/2']);
    expect(lookAfterMark(row(1, 2, 2, 2))).toEqual(['1: READ 2/2/2']);
    expect(receipts.follows(roomId)).toBe(false);
  });

  it('is told at most once a second a room, all together, the newest state of each', () => {
    send(1);
    expect(tell()).toHaveLength(1);
    send(2);
    send(3);
    now += 999;
    expect(tell()).toEqual([]);
    expect(look(row(1, 1), row(2, 1), row(3, 1))).toEqual([
      '1: PERSISTED 0/0/1',
      '2: PERSISTED 0/0/1',
      '3: PERSISTED 0/0/1',
    ]);
  });

  it('never falls back, when all who had read it leave, though the counts do', () => {
    send(1);
    expect(look(row(1, 2, 2, 1))).toEqual(['1: DELIVERED 2/1/2']);
    receipts.memberLeft(roomId, bob, now);
    expect(look(row(1, 1, 1, 0))).toEqual(['1: DELIVERED 1/0/1']);
    receipts.memberLeft(roomId, asUserId(3), now);
    expect(look(row(1, 0))).toEqual(['1: DELIVERED 0/0/0']);
  });

  it('leaves out what was sent before the user listened, unless he opens the room', () => {
    send(5);
    expect(look(row(3, 1), row(4, 1), row(5, 1))).toEqual(['5: PERSISTED 0/0/1']);
    receipts.opened(ann, roomId, now);
    expect(look(row(3, 1, 1, 1), row(4, 1), row(5, 1))).toEqual([
      '3: READ 1/1/1',
      '4: PERSISTED 0/0/1',
      '5: PERSISTED 0/0/1',
    ]);
  });

  it('is the newest messages of a room alone, those that are not stored yet too', () => {
    for (const id of [1, 2, 3, 4, 5]) send(id);
    expect(tell().map((text) => text.slice(0, 1))).toEqual(['2', '3', '4', '5']);
  });

  it('is nothing any more once nobody listens for him, or he has left the room', () => {
    send(1);
    receipts.forget(ann);
    expect([tell(), looks()]).toEqual([[], []]);
    send(2);
    receipts.memberLeft(roomId, ann, now);
    expect([tell(), looks()]).toEqual([[], []]);
    expect(receipts.follows(roomId)).toBe(false);
  });

  it('is given up for the room that had nothing for the longest time where there are too many', () => {
    for (const room of [1, 2, 3]) send(1, ann, asRoomId(room));
    send(2, ann, asRoomId(1));
    send(1, ann, asRoomId(4));
    expect(receipts.roomsOf(ann)).toEqual([3, 1, 4]);
  });
});

describe('the rows', () => {
  it('are not looked at before the first of the messages may be stored', () => {
    storedUpTo = 1;
    send(1);
    expect(looks()).toEqual([]);
    storedUpTo = 2;
    expect(looks()).toHaveLength(1);
  });

  it('are asked only for what has not reached everything', () => {
    for (const id of [1, 2, 3]) send(id);
    look(row(1, 1, 1, 1), row(2, 1, 1, 1), row(3, 1, 1, 0));
    expect(looks()).toEqual([{ userId: ann, roomId, afterSeq: 2 }]);
  });

  it('are looked at soon after marks were heard of, and at growing intervals as long as anything is missing', () => {
    send(1);
    look(row(1, 1));
    const dueIn = () => {
      for (let waited = 0; waited < 100_000; waited += 100, now += 100) {
        const [one] = looks();
        if (one === undefined) continue;
        receipts.looked(one, [row(1, 1)], now);
        return waited;
      }
      return Infinity;
    };
    expect([dueIn(), dueIn(), dueIn(), dueIn(), dueIn()]).toEqual([0, 3_000, 10_000, 30_000, 60_000]);
    receipts.marked(roomId, now);
    expect([dueIn(), dueIn()]).toEqual([500, 1_000]);
  });

  it('are asked once more where the room was opened while they were asked for less', () => {
    for (const id of [1, 2]) send(id);
    look(row(1, 1, 1, 1), row(2, 1, 1));
    receipts.marked(roomId, now);
    now += 300;
    const [one] = looks();
    receipts.opened(ann, roomId, now);
    if (one !== undefined) receipts.looked(one, [row(2, 1, 1, 1)], now);
    now += 1_000;
    expect(tell()).toEqual(['2: DELIVERED 1/0/1']);
    expect(look(row(1, 1, 1, 1), row(2, 1, 1, 1))).toEqual(['1: READ 1/1/1', '2: READ 1/1/1']);
  });

  it('are asked again after a second where they could not be asked', () => {
    send(1);
    const [one] = looks();
    if (one !== undefined) receipts.failed([one], now, { isAway: true });
    now += 999;
    expect(looks()).toEqual([]);
    now += 1;
    expect(looks()).toHaveLength(1);
  });

  it('of a room with many members are asked less often', () => {
    send(1);
    look(row(1, 100_000));
    receipts.marked(roomId, now);
    now += 3_999;
    expect(looks()).toEqual([]);
    now += 1;
    expect(looks()).toHaveLength(1);
  });

  it('are asked for all senders of a room at once, and for no more members than they can count in time', () => {
    receipts = following({ ...LIMITS, maxRooms: 10, membersAtOnce: 30_000 });
    const [large, small] = [asRoomId(8), asRoomId(9)];
    for (const [room, memberCount] of [
      [roomId, 20_000],
      [large, 20_000],
      [small, 10_000],
    ] as const) {
      for (const userId of [ann, bob]) send(1, userId, room);
      for (const one of looks()) receipts.looked(one, [row(1, memberCount)], now);
    }
    now += 2_000;
    const asked = () => looks().map((one) => `${one.roomId}/${one.userId}`);
    expect([asked(), asked(), asked()]).toEqual([['7/1', '7/2'], ['8/1', '8/2', '9/1', '9/2'], []]);
  });

  it('are asked for the others soon where one room fails all that are asked with it, and for that one ever less often', () => {
    receipts = following({ ...LIMITS, maxRooms: 100, looksAtOnce: 64 });
    const heavy = asRoomId(64);
    const unanswered = new Set(Array.from({ length: 64 }, (_, n) => asRoomId(n + 1)));
    for (const room of unanswered) for (const userId of room === heavy ? [ann, bob] : [ann]) send(1, userId, room);
    const failedAt: number[] = [];
    for (let doneAt = Infinity; now < 120_000; now += 100) {
      const asked = looks();
      const isTooMuch = asked.some((one) => one.roomId === heavy);
      if (isTooMuch) receipts.failed(asked, now, { isAway: false });
      else for (const one of asked) receipts.looked(one, [row(1, 1, 1, 1)], now);
      for (const { roomId: answered } of isTooMuch ? [] : asked) unanswered.delete(answered);
      if (isTooMuch) failedAt.push(now);
      if (unanswered.size === 1) doneAt = Math.min(doneAt, now);
      if (now > 4_000) expect(doneAt).toBeLessThan(4_000);
    }
    expect(failedAt.map((at, n) => at - (failedAt[n - 1] ?? 0)).slice(5)).toEqual([
      2_000, 4_000, 8_000, 16_000, 32_000,
    ]);
  });

  it('are asked no more for what surely would be stored and is not, for it repeats an earlier message', () => {
    storedUpTo = 3;
    for (const id of [1, 2, 3]) send(id);
    expect(tell()).toHaveLength(3);
    expect(look(row(1, 1, 1, 1))).toEqual(['1: READ 1/1/1']);
    isTold = true;
    expect(look(row(1, 1, 1, 1))).toEqual([]);
    expect(looks()).toEqual([]);
    storedUpTo = 4;
    now += 3_000;
    expect(look(row(3, 1, 1, 1))).toEqual(['3: READ 1/1/1']);
    expect(receipts.follows(roomId)).toBe(false);
  });

  it('may have a message before it is read here: where nothing that is followed is among them, none was sent before', () => {
    send(1); // which repeats an earlier one
    expect(tell()).toEqual(['1: SENT 0/0/undefined']);
    const [first] = looks();
    if (first === undefined) throw new Error('no look was due');
    receipts.looked(first, [row(2, 1)], now);
    send(2);
    now += 1_000;
    expect(tell()).toEqual(['2: SENT 0/0/undefined']);
    const [second] = looks();
    expect(second?.afterSeq).toBe(0);
    if (second === undefined) throw new Error('no look was due');
    receipts.looked(second, [row(2, 1)], now);
    now += 1_000;
    expect(tell()).toEqual(['2: PERSISTED 0/0/1']);
  });
});
