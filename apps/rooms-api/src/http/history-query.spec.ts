import { describe, expect, it } from 'vitest';
import { parseHistoryQuery } from './history-query.ts';

describe('the part of a history that is asked for', () => {
  it('is the newest 50 where nothing is said', () => {
    expect(parseHistoryQuery({})).toEqual({ cursor: null, limit: 50 });
  });

  it('is next to a message', () => {
    expect(parseHistoryQuery({ before: '900', limit: '200' })).toEqual({
      cursor: { direction: 'before', messageId: 900 },
      limit: 200,
    });
    expect(parseHistoryQuery({ after: '-5' })).toMatchObject({ cursor: { direction: 'after', messageId: -5 } });
  });

  it('begins with the first for after=0, and only for that', () => {
    expect(parseHistoryQuery({ after: '0' })).toMatchObject({ cursor: { direction: 'after', messageId: 'START' } });
    expect(parseHistoryQuery({ before: '0' })).toMatchObject({ cursor: { direction: 'before', messageId: 0 } });
  });

  it('cannot lie on two sides', () => {
    expect(() => parseHistoryQuery({ before: '1', after: '0' })).toThrow(
      expect.objectContaining({
        code: 'INVALID_REQUEST',
        fields: [expect.objectContaining({ field: 'before' }), expect.objectContaining({ field: 'after' })],
      }),
    );
  });

  it.each(['', 'x', '1.5', '99999999999999999', ['1', '2']])('has no cursor %j', (before) => {
    expect(() => parseHistoryQuery({ before })).toThrow(
      expect.objectContaining({ fields: [{ field: 'before', message: 'must be the id of a message' }] }),
    );
  });

  it.each(['0', '201', 'all'])('has no limit of %s', (limit) => {
    expect(() => parseHistoryQuery({ limit, after: 'x' })).toThrow(
      expect.objectContaining({
        fields: [
          { field: 'limit', message: 'must be a whole number from 1 to 200' },
          expect.objectContaining({ field: 'after' }),
        ],
      }),
    );
  });
});
