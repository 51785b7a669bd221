import type { OpenRoomState, TimelineMessage } from '@chat/client';
import { describe, expect, it } from 'vitest';
import { arrivalsOf } from './arrivals.ts';

const message = (id: number): TimelineMessage => ({
  ...{ id, senderId: 1, kind: 'TEXT', content: `m${id}`, timestamp: '2026-01-01T00:00:00Z', system: null },
  ...{ editedAt: null, deletedAt: null, reactions: [], clientMessageId: null },
});
const state = (name: 'opening' | 'live' | 'recovering', ...ids: readonly number[]) => ({
  room: { name } satisfies OpenRoomState,
  messages: ids.map(message),
});
const idsOf = (...states: Parameters<typeof arrivalsOf>) => arrivalsOf(...states).messages.map(({ id }) => id);

describe('what arrives', () => {
  it('is what stands behind the last message of before, whatever the ids', () => {
    expect(idsOf(state('live', 5, 3), state('live', 5, 3, 9, 4))).toEqual([9, 4]);
    expect(idsOf(state('opening'), state('live', 1, 2))).toEqual([1, 2]);
    expect(idsOf(state('live', 1), state('live', 1))).toEqual([]);
  });

  it('is not what is put in front', () => {
    expect(idsOf(state('live', 3), state('live', 1, 2, 3))).toEqual([]);
  });

  it('was missed where it comes before the room is live again', () => {
    const recovered = (...states: Parameters<typeof arrivalsOf>) => arrivalsOf(...states).areRecovered;
    expect(recovered(state('recovering', 1), state('recovering', 1, 2))).toBe(true);
    expect(recovered(state('recovering', 1), state('live', 1, 2))).toBe(true);
    expect(recovered(state('live', 1), state('recovering', 1, 2))).toBe(false);
    expect(recovered(state('opening'), state('live', 1))).toBe(false);
  });
});
