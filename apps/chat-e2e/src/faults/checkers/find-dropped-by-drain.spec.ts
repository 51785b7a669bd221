import { describe, expect, it } from 'vitest';
import { changed, is, without } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findDroppedByDrain } from './find-dropped-by-drain.ts';

const droppedIn = (events: typeof STORY) => findDroppedByDrain(recordedRun(events));
const drained = changed(STORY, is('closed', { session: 1 }), () => ({ code: 1012 }));

describe('a SEND that a drain dropped', () => {
  it('is none that a dying gateway left unanswered', () => {
    expect(droppedIn(STORY)).toEqual([]);
  });

  it('was published by the gateway that closed for a restart, before it closed, and has no answer', () => {
    expect(droppedIn(drained)).toHaveLength(1);
    expect(droppedIn(drained)[0]).toContain('r3 of session 1 (client 1 at ws-gateway-1)');
  });

  it('is none that the gateway had not read, and none that was published elsewhere or afterwards', () => {
    const theirs = is('record', { clientKey: '1:7:c' });
    expect(droppedIn(without(drained, theirs))).toEqual([]);
    expect(droppedIn(changed(drained, theirs, () => ({ source: 'ws-gateway-3' })))).toEqual([]);
    expect(droppedIn(changed(drained, theirs, () => ({ sentAt: 59_000 })))).toEqual([]);
  });
});
