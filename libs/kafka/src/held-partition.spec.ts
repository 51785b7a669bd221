import { describe, expect, it } from 'vitest';
import { HeldPartition } from './held-partition.ts';
import type { LogRecord } from './log-record.ts';
import { markOf } from './stored-position.ts';

const record = (offset: number, value = 'v'): LogRecord => ({
  offset,
  timestamp: 0,
  key: null,
  value: Buffer.from(value),
});
const last = markOf(record(5));

describe('a partition in hand', () => {
  it('begins at its proof, and goes on only if it finds it', () => {
    const held = new HeldPartition(2, { next: 8, last }, last);
    expect([held.isToProve, held.fetchOffset]).toEqual([true, 5]);
    expect(() => held.prove(record(5, 'other'))).toThrow(/partition 2 has another record at offset 5/);
    held.prove(record(5));
    expect(held.isToProve).toBe(false);
    held.prove(record(99, 'whatever comes later'));
    held.passHidden(5, 6);
    expect(held.fetchOffset).toBe(7);
    expect(held.stored).toEqual({ next: 8, last });
  });

  it('does not take markers for its proof', () => {
    const held = new HeldPartition(2, { next: 8, last }, last);
    held.passHidden(1, 4);
    expect(() => held.passHidden(5, 7)).toThrow(/partition 2 has no record at offset 5/);
  });

  it('keeps the last record that was processed', () => {
    const held = new HeldPartition(2, { next: 8, last: null });
    expect(held.fetchOffset).toBe(8);
    held.advance(record(9, 'new'), 11);
    expect(held.fetchOffset).toBe(11);
    expect(held.stored).toEqual({ next: 11, last: markOf(record(9, 'new')) });
  });
});
