import { asRoomId, asUserId, ReceiptDTOSchema, receiptMarksOf } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MARKS_PER_RECORD } from '../limits.ts';
import type { MarkGroup } from './delivery-marks.ts';
import { receiptsOf } from './receipt-records.ts';

const roomId = asRoomId(7);
const place = { epoch: 3, partition: 5, at: '2026-01-02T03:04:05Z' };

function groupOf(upTo: number, from: number, count: number): MarkGroup {
  const userIds = Array.from({ length: count }, (_, n) => asUserId(from + n));
  return { upTo, userIds, unbrokenFrom: userIds.map((userId) => userId % 7) };
}

describe('the records that tell marks', () => {
  it('carry every mark once, no record too many, and each of them one at least', () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 2 * MARKS_PER_RECORD + 1 }));
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 6 }), (sizes) => {
        let from = 1;
        const groups = sizes.map((count, at) => groupOf(10 + at, (from += 5_000), count));
        const receipts = receiptsOf({ roomId, groups }, place).map((receipt) => ReceiptDTOSchema.parse(receipt));
        const told = receipts.map((receipt) => receiptMarksOf(receipt));
        for (const marks of told) expect(marks.length > 0 && marks.length <= MARKS_PER_RECORD).toBe(true);
        const flat = told.flat().map(({ userId, position, unbrokenFrom }) => [userId, position.offset, unbrokenFrom]);
        const expected = groups.flatMap(({ upTo, userIds }) => userIds.map((userId) => [userId, upTo, userId % 7]));
        const byUser = (a: readonly unknown[], b: readonly unknown[]) => Number(a[0]) - Number(b[0]);
        expect(flat.sort(byUser)).toEqual(expected.sort(byUser));
      }),
      { numRuns: 50 },
    );
  });

  it('name a mark of one user in the way that every reader knows', () => {
    const [receipt] = receiptsOf({ roomId, groups: [groupOf(12, 2, 1)] }, place);
    const position = { epoch: 3, partition: 5, offset: 12 };
    expect(receipt).toEqual({
      ...{ roomId, at: place.at },
      marks: [{ userId: 2, kind: 'DELIVERED', position, unbrokenFrom: 2 }],
    });
  });
});
