import { describe, expect, it } from 'vitest';
import { changed, is, without } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findSilentGaps } from './find-silent-gaps.ts';

const gapsIn = (events: typeof STORY) => findSilentGaps(recordedRun(events));
const message = (subscription: number, id: string) => is('message', { subscription, id });

describe('a silent gap', () => {
  it('is none where prev leads from message to message, over the reconnect too', () => {
    expect(gapsIn(STORY)).toEqual([]);
  });

  it('is a message missing on one subscription', () => {
    expect(gapsIn(without(STORY, message(12, '103')))).toEqual([
      'client 2 got message 104 of room 7 at 380 ms after 102, and its prev is 103',
    ]);
  });

  it('is a message missing where a subscription resumed and said that it recovered', () => {
    const skipped = without(STORY, message(13, '103'));
    expect(gapsIn(skipped)).toEqual(['client 1 got message 104 of room 7 at 370 ms after 102, and its prev is 103']);
    expect(gapsIn(changed(skipped, is('subscribed', { subscription: 13 }), () => ({ recovered: null })))).toHaveLength(
      1,
    );
  });

  it('is none where the subscription said that it did not recover, or never said anything', () => {
    const skipped = without(STORY, message(13, '103'));
    expect(gapsIn(changed(skipped, is('subscribed', { subscription: 13 }), () => ({ recovered: false })))).toEqual([]);
    expect(gapsIn(without(skipped, is('subscribed', { subscription: 13 })))).toEqual([]);
  });

  it('is one behind the first live message even where the subscription did not recover', () => {
    const unrecovered = changed(STORY, is('subscribed', { subscription: 13 }), () => ({ recovered: false }));
    const live = changed(unrecovered, message(13, '103'), () => ({ replayed: false }));
    expect(gapsIn(live)).toEqual([]);
    expect(gapsIn(changed(live, message(13, '104'), () => ({ prev: '102' })))).not.toEqual([]);
  });

  it('is none where prev is absent: that says nothing', () => {
    const unknown = changed(STORY, is('message'), () => ({ prev: null }));
    expect(gapsIn(without(unknown, message(12, '103')))).toEqual([]);
  });

  it('is hidden by a prev that names the message that the client had, and the log tells', () => {
    const hidden = changed(without(STORY, message(12, '103')), message(12, '104'), () => ({ prev: '102' }));
    expect(gapsIn(hidden)).toEqual(['client 2 was told that 102 stands before 104 in room 7; in the log that is 103']);
  });

  it('is told by a prev before the first message of a room', () => {
    expect(gapsIn(changed(STORY, message(11, '101'), () => ({ prev: '100' })))).toEqual([
      'client 1 was told that 100 stands before 101 in room 7; in the log that is none',
    ]);
  });
});
