import fc from 'fast-check';
import { expect, it } from 'vitest';
import { partsOf, placesInLog } from './transaction-parts.ts';

const placed = fc.array(
  fc.record({ partition: fc.integer({ min: 0, max: 5 }), bytes: fc.integer({ min: 1, max: 100 }) }),
);

it('divides records by partition and finds each again behind the first offset of its part', () => {
  fc.assert(
    fc.property(placed, (given) => {
      const records = given.map((one, place) => ({ ...one, record: { key: String(place), value: null, headers: {} } }));
      const parts = partsOf(records);
      const partitions = parts.map(({ partition }) => partition);
      expect(partitions).toEqual([...new Set(given.map(({ partition }) => partition))].sort((a, b) => a - b));
      expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(given.reduce((sum, { bytes }) => sum + bytes, 0));
      for (const { records: own } of parts) {
        const order = own.map(({ key }) => Number(key));
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
      const firstOffsets = parts.map(({ partition }) => partition * 1_000);
      const found = placesInLog(parts, firstOffsets).map(({ partition, offset }) => {
        const part = parts.find((one) => one.partition === partition);
        return part?.records[offset - partition * 1_000]?.key;
      });
      expect(found).toEqual(records.map(({ record }) => record.key));
    }),
  );
});
