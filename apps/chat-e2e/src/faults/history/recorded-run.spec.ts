import { describe, expect, it } from 'vitest';
import { ROOM, STORY } from '../simulation/story.ts';
import { frozenMs, nextCalm, RECOVERY_MS } from './calm.ts';
import { is, without } from './edits.ts';
import { recordedRun } from './recorded-run.ts';
import { streamsOf } from './streams.ts';

const run = recordedRun(STORY);

describe('what a history shows', () => {
  it('is the log of a room without what does not count and what repeats an earlier message', () => {
    expect(run.rooms.get(ROOM)?.map(({ id, place, offset }) => [id, place, offset])).toEqual([
      ['101', 0, 0],
      ['102', 1, 1],
      ['103', 2, 2],
      ['104', 3, 6],
    ]);
  });

  it('goes by offsets, in whatever order the records were read', () => {
    expect(recordedRun(STORY.toReversed().filter(is('record'))).rooms).toEqual(run.rooms);
  });

  it('is which answers came for which frame', () => {
    const answersOf = (receipt: string) => run.asked.find((asked) => asked.receipt === receipt)?.answers;
    expect(answersOf('r1')).toMatchObject([{ messageId: '101', code: null }]);
    expect(answersOf('s11')).toMatchObject([{ messageId: null, code: null }]);
    expect(answersOf('r3')).toEqual([]);
  });

  it('ends what a session had with the session, and what is open with the run', () => {
    const closed = STORY.find(is('closed'))!;
    expect(run.subscriptions.map(({ isOpenAtEnd, endedAt }) => [isOpenAtEnd, endedAt])).toEqual([
      [false, closed.at],
      [true, 60_000],
      [true, 60_000],
    ]);
  });

  it('is one stream over a reconnect with since, and another one without', () => {
    const idsIn = (events: typeof STORY) =>
      streamsOf(recordedRun(events))
        .filter(({ client }) => client === 1)
        .map(({ steps }) => steps.map(({ delivery }) => delivery.id));
    expect(idsIn(STORY)).toEqual([['101', '102', '103', '104']]);
    const fresh = STORY.map((event) => (is('subscribe')(event) ? { ...event, since: null } : event));
    expect(idsIn(fresh)).toEqual([
      ['101', '102'],
      ['103', '104'],
    ]);
  });

  it('must begin before it goes on', () => {
    expect(() => recordedRun(without(STORY, is('connecting')))).toThrow('the history names 1, which did not begin');
  });
});

describe('calm', () => {
  const faults = [
    { name: 'F1', freezes: [], from: 1_000, to: 2_000 },
    { name: 'F2', freezes: [], from: 2_000 + RECOVERY_MS, to: 3_000 + RECOVERY_MS },
  ];

  it('is at once where nothing is broken meanwhile', () => {
    expect(nextCalm(faults, 0, 500)).toBe(0);
    expect(nextCalm(faults, 100_000, 500)).toBe(100_000);
  });

  it('comes when the last of what overlaps has had time to recover', () => {
    expect(nextCalm(faults, 900, 500)).toBe(3_000 + 2 * RECOVERY_MS);
    expect(nextCalm(faults.slice(0, 1), 1_999 + RECOVERY_MS, 500)).toBe(2_000 + RECOVERY_MS);
  });
});

describe('frozen time', () => {
  const frozen = (from: number, to: number, ...names: string[]) =>
    frozenMs(
      recordedRun([
        { type: 'fault', at: 100, fault: 1, name: 'F1', target: null, freezes: ['a', 'b'] },
        { type: 'fault', at: 150, fault: 2, name: 'F2', target: null, freezes: ['b'] },
        { type: 'faultEnded', at: 200, fault: 1 },
        { type: 'faultEnded', at: 300, fault: 2 },
        { type: 'stall', at: 500, ms: 100 },
      ]),
      names,
      from,
      to,
    );

  it('is that of the parties named, counted once', () => {
    expect(frozen(0, 350, 'a')).toBe(100);
    expect(frozen(0, 350, 'b')).toBe(200);
    expect(frozen(0, 350, 'c')).toBe(0);
    expect(frozen(120, 180, 'b')).toBe(60);
  });

  it('includes what the harness itself came late', () => {
    expect(frozen(0, 450, 'c')).toBe(50);
    expect(frozen(0, 600, 'a', 'c')).toBe(200);
  });
});
