import { describe, expect, it } from 'vitest';
import { createCell } from './store.ts';

describe('a cell', () => {
  it('tells everybody of the newest value last, also where a listener sets it anew', () => {
    const cell = createCell(0, { call: (listener) => listener() });
    const seen: number[] = [];
    cell.subscribe((value) => {
      if (value === 1) cell.set(2);
    });
    cell.subscribe((value) => seen.push(value));
    cell.set(1);
    expect(seen).toEqual([2]);
  });
});
