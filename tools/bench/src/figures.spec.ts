import { describe, expect, it } from 'vitest';
import { figure, spreadText } from './figures.ts';

describe('a figure', () => {
  it.each([
    [0, '0'],
    [1.234, '1.23'],
    [1.2, '1.20'],
    [45.64, '45.6'],
    [789.4, '789'],
    [12_345, '12,300'],
    [0.012345, '0.0123'],
    [Infinity, 'Infinity'],
  ])('of %d is %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });

  it('of several rounds has the ends beside the median', () => {
    expect(spreadText({ median: 0.0045, min: 0.004, max: 0.01 }, 1_000)).toBe('4.50 (4.00 to 10.0)');
  });
});
