import { describe, expect, it } from 'vitest';
import { changed, is, swapped, without } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findReorderings } from './find-reorderings.ts';

const reorderingsIn = (events: typeof STORY) => findReorderings(recordedRun(events));
const delivery = (subscription: number, id: string) => STORY.find(is('message', { subscription, id }))!;

describe('one order', () => {
  it('is that of the log for clients and rows', () => {
    expect(reorderingsIn(STORY)).toEqual([]);
  });

  it('is not kept by a client that got two the other way round', () => {
    const bad = swapped(STORY, delivery(11, '101'), delivery(11, '102'));
    expect(reorderingsIn(bad)).toEqual(['client 1 got message 101 of room 7 at 190 ms behind a later one']);
  });

  it('is not kept by a client that went back after a reconnect', () => {
    const bad = changed(STORY, is('message', { subscription: 13, id: '103' }), () => ({ id: '101' }));
    expect(reorderingsIn(bad)).toHaveLength(1);
  });

  it('is not kept by rows with other numbers than the log has them in', () => {
    const bad = changed(
      changed(STORY, is('row', { id: '102' }), () => ({ seq: 3 })),
      is('row', { id: '103' }),
      () => ({ seq: 2 }),
    );
    expect(reorderingsIn(bad)).toEqual(['row 102 of room 7 has seq 3; it is number 2 of the room in the log']);
  });

  it('has no hole in its numbers, begins at 1, and gives one to every row', () => {
    const from = (first: number) => changed(STORY, is('row'), ({ seq }) => ({ seq: seq! + first - 1 }));
    expect(reorderingsIn(without(STORY, is('row', { id: '102' })))).toHaveLength(1);
    expect(reorderingsIn(from(0))).toHaveLength(1);
    expect(reorderingsIn(from(2))).toHaveLength(1);
    expect(reorderingsIn(changed(STORY, is('row', { id: '104' }), () => ({ seq: null })))).toHaveLength(1);
  });
});
