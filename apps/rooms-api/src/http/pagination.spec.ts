import { describe, expect, it } from 'vitest';
import { pageLinks, pageOf, parsePage } from './pagination.ts';

describe('page and size', () => {
  it('are 0 and 20 where nothing is asked for', () => {
    expect(parsePage({})).toEqual({ page: 0, size: 20 });
  });

  it('are taken as asked for, up to 100 a page', () => {
    expect(parsePage({ page: '3', size: '100' })).toEqual({ page: 3, size: 100 });
    expect(parsePage({ page: '1000000', size: '1' })).toEqual({ page: 1_000_000, size: 1 });
  });

  it.each([
    ['101', 'size'],
    ['0', 'size'],
    ['-1', 'size'],
    ['1.5', 'size'],
    ['', 'size'],
    ['ten', 'size'],
    ['1e1', 'size'],
    [' 1', 'size'],
    ['99999999999999999999', 'size'],
  ])('refuses a size of "%s" and names it', (size, field) => {
    expect(() => parsePage({ size })).toThrow(
      expect.objectContaining({
        code: 'INVALID_REQUEST',
        fields: [{ field, message: 'must be a whole number from 1 to 100' }],
      }),
    );
  });

  it('names both where both are invalid, also where one comes twice', () => {
    expect(() => parsePage({ page: '-1', size: ['1', '2'] })).toThrow(
      expect.objectContaining({
        fields: [
          { field: 'page', message: 'must be a whole number from 0 to 1000000' },
          { field: 'size', message: 'must be a whole number from 1 to 100' },
        ],
      }),
    );
  });
});

describe('a page', () => {
  it('tells how many there are in all', () => {
    expect(pageOf(['a', 'b'], { page: 0, size: 2 }, 5)).toEqual({
      content: ['a', 'b'],
      page: 0,
      size: 2,
      totalElements: 5,
      totalPages: 3,
    });
    expect(pageOf([], { page: 0, size: 20 }, 0).totalPages).toBe(0);
    expect(pageOf([], { page: 0, size: 20 }, 20).totalPages).toBe(1);
  });

  const relsOf = (page: number, totalPages: number) =>
    [
      ...pageLinks('/rooms', { page, size: 2, totalElements: 0, totalPages }).matchAll(
        /page=(\d+)&size=2>; rel="(\w+)"/g,
      ),
    ].map(([, number, rel]) => `${rel} ${number}`);

  it('links to those around it, as far as there are', () => {
    expect(relsOf(1, 3)).toEqual(['first 0', 'prev 0', 'next 2', 'last 2']);
    expect(relsOf(0, 3)).toEqual(['first 0', 'next 1', 'last 2']);
    expect(relsOf(2, 3)).toEqual(['first 0', 'prev 1', 'last 2']);
    expect(relsOf(0, 0)).toEqual(['first 0', 'last 0']);
  });

  it('beyond the end links back to the last one', () => {
    expect(relsOf(9, 3)).toEqual(['first 0', 'prev 2', 'last 2']);
  });
});
