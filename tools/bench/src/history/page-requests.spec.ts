import { describe, expect, it } from 'vitest';
import { pageRequest } from './page-requests.ts';

const cursors = [
  { roomId: 1, messageId: 10 },
  { roomId: 2, messageId: 20 },
];

describe('a page that is asked for', () => {
  it.each([
    [0, 0, { roomId: 1, before: 10 }],
    [0.5, 0.449, { roomId: 2, before: 20 }],
    [0.999, 0.45, { roomId: 2, after: 20 }],
    [0.499, 0.899, { roomId: 1, after: 10 }],
    [0, 0.9, { roomId: 1 }],
    [0, 0.999, { roomId: 1 }],
  ])('by %d and %d is %j', (which, how, request) => {
    expect(pageRequest(cursors, which, how)).toEqual(request);
  });

  it('needs a message', () => {
    expect(() => pageRequest([], 0, 0)).toThrow('no message to read next to');
  });
});
