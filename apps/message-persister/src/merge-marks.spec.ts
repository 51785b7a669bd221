import type { DeliveredMark } from '@chat/database';
import { asRoomId, asUserId } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeDelivered, mergeRead } from './merge-marks.ts';

const [roomId, bob, carol] = [asRoomId(7), asUserId(2), asUserId(3)];
const mark = (unbrokenFrom: number, offset: number, userId = bob, epoch = 1): DeliveredMark => ({
  ...{ roomId, userId, unbrokenFrom, position: { epoch, offset } },
});
const merged = (...marks: DeliveredMark[]) =>
  mergeDelivered(marks).map((round) =>
    round.map(({ userId, unbrokenFrom, position }) => `${userId}: ${unbrokenFrom}-${position.offset}`),
  );

/** As the rows judge: all messages are others', and a mark counts where nothing lies between the last one and it. */
function store(marks: readonly DeliveredMark[]): number {
  let upTo = -1;
  for (const { unbrokenFrom, position } of marks) {
    if (unbrokenFrom <= upTo + 1) upTo = Math.max(upTo, position.offset);
  }
  return upTo;
}

describe('marks of delivery', () => {
  it('are one a member where each follows the one before, or reaches into it', () => {
    expect(merged(mark(1, 3), mark(1, 5), mark(6, 9), mark(2, 4, carol))).toEqual([['2: 1-9', '3: 2-4']]);
  });

  it('stay apart, and come in the order of the log, where something lies between them', () => {
    expect(merged(mark(8, 9), mark(1, 3))).toEqual([['2: 1-3'], ['2: 8-9']]);
    expect(merged(mark(8, 9), mark(1, 3), mark(4, 7))).toEqual([['2: 1-9']]);
  });

  it('of different logs stay apart', () => {
    expect(merged(mark(1, 3, bob, 2), mark(1, 3, bob, 1))).toEqual([['2: 1-3'], ['2: 1-3']]);
  });

  it('claim what they claimed before, no more, in whatever order they came', () => {
    const stretch = fc.record({ from: fc.nat({ max: 20 }), length: fc.nat({ max: 6 }) });
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 8 }), (stretches) => {
        const marks = stretches.map(({ from, length }) => mark(from, from + length));
        const rounds = mergeDelivered(marks);
        const covered = new Set(marks.flatMap(offsetsOf));
        expect(new Set(rounds.flat().flatMap(offsetsOf))).toEqual(covered);
        for (const round of rounds) expect(round.length).toBeLessThanOrEqual(1);
        let truth = -1;
        while (covered.has(truth + 1)) truth += 1;
        expect(store(rounds.flat())).toBe(truth);
      }),
      { numRuns: 1_000 },
    );
  });
});

function offsetsOf({ unbrokenFrom, position }: DeliveredMark): number[] {
  return Array.from({ length: position.offset - unbrokenFrom + 1 }, (_, at) => unbrokenFrom + at);
}

describe('marks of reading', () => {
  it('are the furthest of each member, a later log being further', () => {
    const marks = [mark(0, 5), mark(0, 3), mark(0, 1, carol), mark(0, 0, carol, 2)];
    expect(mergeRead(marks).map(({ userId, position }) => [userId, position.offset])).toEqual([
      [bob, 5],
      [carol, 0],
    ]);
  });
});
