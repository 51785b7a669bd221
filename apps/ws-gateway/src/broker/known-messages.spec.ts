import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownMessages } from './known-messages.ts';

const [room, other] = [asRoomId(7), asRoomId(8)];
const message = (id: number, senderId = 1, roomId = room) => ({
  id: asMessageId(id),
  roomId,
  senderId: asUserId(senderId),
  kind: null,
});

describe('known messages', () => {
  it('are known by room and id, with their sender', () => {
    const known = new KnownMessages();
    known.note(message(5, 2));
    expect(known.find(room, asMessageId(5))).toEqual({ senderId: 2, kind: null, isDeleted: false });
    expect(known.find(other, asMessageId(5))).toBeUndefined();
    expect(known.find(room, asMessageId(6))).toBeUndefined();
  });

  it('stay deleted, whatever is noted of them later', () => {
    const known = new KnownMessages();
    known.note(message(5, 2));
    known.deleted(room, asMessageId(5));
    known.note(message(5, 3));
    expect(known.find(room, asMessageId(5))).toEqual({ senderId: 2, kind: null, isDeleted: true });
    known.deleted(room, asMessageId(6));
    expect(known.find(room, asMessageId(6))?.isDeleted).toBe(true);
  });

  it('are never deleted where they are SYSTEM messages', () => {
    const known = new KnownMessages();
    known.note({ ...message(5), kind: 'SYSTEM' });
    known.deleted(room, asMessageId(5));
    expect(known.find(room, asMessageId(5))).toEqual({ senderId: 1, kind: 'SYSTEM', isDeleted: false });
  });

  it('are forgotten or right, whatever the ids, never taken for another', () => {
    const id = fc.oneof(fc.integer({ min: -3, max: 40 }), fc.maxSafeInteger());
    const step = fc.record({
      id,
      sender: fc.integer({ min: 1, max: 3 }),
      inOther: fc.boolean(),
      isDelete: fc.boolean(),
    });
    let foundCount = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const known = new KnownMessages(16);
        const model = new Map<string, { senderId: number; isDeleted: boolean }>();
        for (const { id, sender, inOther, isDelete } of steps) {
          const roomId = inOther ? other : room;
          const key = `${roomId} ${id}`;
          const before = model.get(key);
          if (isDelete) known.deleted(roomId, asMessageId(id));
          else known.note(message(id, sender, roomId));
          const isDeleted = isDelete || before?.isDeleted === true;
          model.set(key, { senderId: before?.senderId ?? sender, isDeleted });
          const found = known.find(roomId, asMessageId(id));
          expect(found).toBeDefined();
          if (isDelete) expect(found?.isDeleted).toBe(true);
          for (const [other, { senderId }] of model) {
            const [inRoom, ofId] = other.split(' ').map(Number);
            const seen = known.find(asRoomId(inRoom ?? 0), asMessageId(ofId ?? 0));
            if (seen === undefined) model.delete(other);
            else if (!seen.isDeleted) expect(seen.senderId).toBe(senderId);
            if (seen !== undefined) foundCount += 1;
          }
        }
      }),
    );
    expect(foundCount).toBeGreaterThan(1_000);
  });

  it('keep most of as many as there are places, ids of one gateway after another', () => {
    const known = new KnownMessages(1_024);
    const ids = Array.from({ length: 512 }, (_, at) => 948_359_823_823_000 + at * 65_536 * 3 + (at % 4));
    for (const id of ids) known.note(message(id));
    const kept = ids.filter((id) => known.find(room, asMessageId(id)) !== undefined);
    expect(kept.length).toBeGreaterThan(300);
  });
});
