import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addFrames,
  BODY_MAX_CHARACTERS,
  cleared,
  EMPTY_LOG,
  filterFrames,
  FRAMES_MAX_COUNT,
  frameText,
  HEART_BEAT,
  NO_FILTER,
  paused,
  prettyBody,
  summaryOf,
  type NewFrame,
} from './frame-log.ts';

const send: NewFrame = {
  at: 0,
  side: 'left',
  direction: 'out',
  command: 'SEND',
  headers: [
    ['destination', '/app/chat.send/7'],
    ['receipt', 'r-1'],
  ],
  body: '{"content":"Hello"}',
};
const message: NewFrame = {
  ...send,
  side: 'right',
  direction: 'in',
  command: 'MESSAGE',
  headers: [['destination', '/topic/chat_rooms/7']],
};
const logOf = (...frames: readonly NewFrame[]) => addFrames(EMPTY_LOG, frames);
const numbersOf = (log: ReturnType<typeof logOf>, filter = {}) =>
  filterFrames(log.frames, { ...NO_FILTER, ...filter }).map(({ number }) => number);

describe('the log of frames', () => {
  it('keeps the newest, in their order, and never more than its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 700 }), { maxLength: 6 }), (counts) => {
        const log = counts.reduce((so_far, count) => addFrames(so_far, Array<NewFrame>(count).fill(send)), EMPTY_LOG);
        const total = counts.reduce((sum, count) => sum + count, 0);
        const numbers = log.frames.map(({ number }) => number);
        const expected = Array.from({ length: Math.min(total, FRAMES_MAX_COUNT) }, (_, index) => index + 1);
        expect(numbers).toEqual(expected.map((number) => number + total - expected.length));
      }),
      { numRuns: 30 },
    );
  });

  it('counts what passes while it is paused, and takes in nothing', () => {
    const log = addFrames(paused(logOf(send), true), [message, message]);
    expect([log.frames.length, log.missedCount]).toEqual([1, 2]);
    const goesOn = addFrames(paused(log, false), [message]);
    expect([goesOn.frames.length, goesOn.missedCount]).toEqual([2, 0]);
  });

  it('is empty once it is cleared, and never gives a number twice', () => {
    expect(numbersOf(addFrames(cleared(logOf(send, send)), [send]))).toEqual([3]);
  });

  it('cuts bodies that are too long, and says by how much', () => {
    const [frame] = logOf({ ...send, body: 'x'.repeat(BODY_MAX_CHARACTERS + 5) }).frames;
    expect([frame?.body.length, frame?.cutCharacters]).toEqual([BODY_MAX_CHARACTERS, 5]);
  });

  it('never has a token, wherever it stands', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
    const log = logOf(
      { ...send, command: 'CONNECT', headers: [['Authorization', `Bearer ${token}`]] },
      {
        ...send,
        headers: [
          ['AUTHORIZATION', 'something else that is secret'],
          ['x', `y ${token}`],
        ],
      },
      { ...send, headers: [['destination', '/app/auth.refresh']], body: JSON.stringify({ token }) },
    );
    expect(JSON.stringify(log)).not.toMatch(/eyJ|secret|c2lnbmF0dXJl/);
    expect(log.frames.at(-1)?.body).toBe('{"token":"(hidden)"}');
  });
});

describe('a filter', () => {
  const log = logOf(send, message, { ...send, command: HEART_BEAT, headers: [], body: '' });

  it('leaves heart-beats out unless they are asked for', () => {
    expect([numbersOf(log), numbersOf(log, { showsHeartBeats: true })]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it.each([
    [{ side: 'right' }, [2]],
    [{ direction: 'out' }, [1]],
    [{ side: 'right', direction: 'out' }, []],
    [{ text: 'chat_rooms hello' }, [2]],
    [{ text: '  HELLO ' }, [1, 2]],
    [{ text: 'receipt:r-1' }, [1]],
  ])('finds by side, direction, and words that are all there: %o', (filter, found) => {
    expect(numbersOf(log, filter)).toEqual(found);
  });
});

describe('a frame', () => {
  it('is told by its destination, else by what it answers or is', () => {
    expect(summaryOf(send)).toBe('/app/chat.send/7');
    expect(summaryOf({ headers: [['receipt-id', 'r-1']] })).toBe('r-1');
    expect(summaryOf({ headers: [['message', 'The token has expired.']] })).toBe('The token has expired.');
    expect(summaryOf({ headers: [] })).toBe('');
  });

  it('has its JSON in lines, and anything else as it is', () => {
    expect(prettyBody('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
    for (const body of ['Hello', '{"cut": "of', '', '7']) expect(prettyBody(body)).toBe(body);
  });

  it('is copied as it goes over the wire', () => {
    expect(frameText(send)).toBe('SEND\ndestination:/app/chat.send/7\nreceipt:r-1\n\n{"content":"Hello"}');
  });
});
