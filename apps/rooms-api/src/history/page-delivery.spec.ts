import { HISTORY_START, type StoredMessage } from '@chat/database';
import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { deliveryOf } from './page-delivery.ts';

const itemAt = (offset: number, epoch = 2): StoredMessage => ({
  message: {
    ...{ id: asMessageId(offset + 1), senderId: asUserId(1), roomId: asRoomId(7) },
    ...{ content: 'hi', type: 'GROUP', timestamp: '2026-01-02T03:04:05Z' },
  },
  position: { epoch, partition: 3, offset },
});
const place = (offset: number, epoch = 2) => ({ epoch, offset, belowSeq: 0, aboveSeq: 0 });

/** As unbroken from, up to. */
function delivered(offsets: readonly number[], hasMore: boolean, after: ReturnType<typeof place> | null = null) {
  const found = deliveryOf({ items: offsets.map((offset) => itemAt(offset)), hasMore, after });
  return found && [found.unbrokenFrom, found.position.offset];
}

describe('what a page of history has delivered', () => {
  it('is everything between its first and its last message', () => {
    expect(delivered([5, 8, 9], true)).toEqual([5, 9]);
  });

  it('is everything there was before, where there is no more', () => {
    expect(delivered([5, 8, 9], false)).toEqual([0, 9]);
  });

  it('begins with the message that the reader named as his last', () => {
    expect(delivered([8, 9], true, place(4))).toEqual([4, 9]);
    expect(delivered([8, 9], false, place(4))).toEqual([4, 9]);
    expect(delivered([8, 9], true, HISTORY_START)).toEqual([0, 9]);
  });

  it('is all of the log that it reaches into, where it begins in the one before', () => {
    expect(delivered([8, 9], true, place(700, 1))).toEqual([0, 9]);
    const items = [itemAt(700, 1), itemAt(9)];
    expect(deliveryOf({ items, hasMore: true, after: null })).toEqual({
      position: items[1]?.position,
      unbrokenFrom: 0,
    });
  });

  it('is nothing, where it is empty', () => {
    expect(delivered([], false, place(4))).toBeNull();
  });
});
