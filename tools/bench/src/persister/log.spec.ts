import { describe, expect, it } from 'vitest';
import { createLog, ROOM_COUNT } from './log.ts';

describe('a log of rows', () => {
  it('goes on where the last batch ended, and numbers each room without holes', () => {
    const log = createLog(3);
    const [first, second] = [log.nextBatch(2 * ROOM_COUNT), log.nextBatch(1)];
    expect([first.expected, first.next, second.expected, second.next]).toEqual([0, 40, 40, 41]);
    const inRoom = [...first.rows, ...second.rows].filter(({ roomId }) => roomId === second.rows[0]?.roomId);
    expect(inRoom.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('shares neither rooms nor ids with another partition', () => {
    const keys = [0, 1].flatMap((partition) => {
      const { rows } = createLog(partition).nextBatch(100);
      return [...new Set(rows.map(({ roomId }) => `room ${roomId}`)), ...rows.map(({ id }) => `id ${id}`)];
    });
    expect(new Set(keys).size).toBe(keys.length);
  });
});
