import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRecord } from './log-record.ts';
import { markOf, problemOfRange, problemOfRecord, provableMark } from './stored-position.ts';

const record = (offset: number, value: string | null = 'v', key: string | null = 'k'): LogRecord => ({
  offset,
  timestamp: 0,
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
});
const range = { start: 3, end: 9 };

describe('a stored position', () => {
  it.each([3, 9])('at %d, an end of the log, is one of it', (next) =>
    expect(problemOfRange(0, next, range)).toBeNull(),
  );

  it.each([2, 10])('at %d, outside the log, is of another', (next) => {
    expect(problemOfRange(4, next, range)).toBe(
      `position ${next} of partition 4 is outside the log, which goes from 3 to 9`,
    );
  });

  it('is proven by its last record while the log still has that', () => {
    expect(provableMark({ next: 5, last: markOf(record(3)) }, range)).toEqual(markOf(record(3)));
    expect(provableMark({ next: 5, last: markOf(record(2)) }, range)).toBeNull();
    expect(provableMark({ next: 5, last: null }, range)).toBeNull();
  });
});

describe('the mark of a record', () => {
  const bytes = fc.option(fc.string({ maxLength: 3 }));

  it('is that of no other key or value', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, bytes, (key, value, otherKey, otherValue) => {
        const isSame = key === otherKey && value === otherValue;
        const problem = problemOfRecord(0, markOf(record(5, value, key)), record(5, otherValue, otherKey));
        expect(problem === null).toBe(isSame);
      }),
    );
  });

  it('tells another record from none', () => {
    const mark = markOf(record(5));
    expect(problemOfRecord(1, mark, record(5, 'w'))).toMatch(/partition 1 has another record at offset 5/);
    expect(problemOfRecord(1, mark, record(6))).toMatch(/partition 1 has no record at offset 5/);
    expect(problemOfRecord(1, mark, undefined)).toMatch(/partition 1 has no record at offset 5/);
  });
});
