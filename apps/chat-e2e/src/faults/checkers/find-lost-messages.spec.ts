import { describe, expect, it } from 'vitest';
import { changed, is, without } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findLostMessages } from './find-lost-messages.ts';

const lostIn = (events: typeof STORY) => findLostMessages(recordedRun(events));

describe('a lost message', () => {
  it('is none that lies in Kafka and in Postgres', () => {
    expect(lostIn(STORY)).toEqual([]);
  });

  it('is an acknowledged one that Kafka does not have', () => {
    const bad = without(STORY, is('record', { id: '102' }), is('row', { id: '102' }));
    expect(lostIn(bad)).toEqual(['1:7:b, acknowledged after its SEND at 140 ms, is missing from Kafka']);
  });

  it('is one that Postgres does not have', () => {
    const bad = without(STORY, is('row', { id: '102' }));
    expect(lostIn(bad)).toEqual([
      'message 102 of room 7 lies in Kafka on partition 0 at 1 and is missing from Postgres',
    ]);
  });

  it('is an acknowledged one whose record Kafka has in such a way that it does not count', () => {
    const bad = changed(STORY, is('record', { id: '104' }), () => ({ refusal: 'the key is not the room id' }));
    expect(lostIn(bad)).toEqual(['2:7:d, acknowledged after its SEND at 350 ms, is missing from Kafka']);
  });

  it('is none that nobody acknowledged', () => {
    const unanswered = without(STORY, is('receipt', { receipt: 'r2' }), is('record', { id: '102' }));
    expect(lostIn(without(unanswered, is('row', { id: '102' })))).toEqual([]);
  });
});
