import { describe, expect, it } from 'vitest';
import { addedBehind, changed, is } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findDuplicates } from './find-duplicates.ts';

const duplicatesIn = (events: typeof STORY) => findDuplicates(recordedRun(events));
const delivery = STORY.find(is('message', { subscription: 12, id: '103' }))!;
const row = STORY.find(is('row', { id: '103' }))!;

describe('a duplicate', () => {
  it('is none where a repeat lies in Kafka and nobody sees it', () => {
    expect(duplicatesIn(STORY)).toEqual([]);
  });

  it('is a message that came again', () => {
    const bad = addedBehind(STORY, is('message', { id: '104' }), delivery);
    expect(duplicatesIn(bad)).toEqual(['client 2 got message 103 of room 7 again at 240 ms']);
  });

  it('is a repeat that came under its own id', () => {
    const bad = addedBehind(STORY, is('message', { id: '104' }), { ...delivery, id: '199' });
    expect(duplicatesIn(bad)).toEqual(['client 2 got message 199 of room 7 again at 240 ms']);
  });

  it('is a message that came before the reconnect already', () => {
    const again = { ...delivery, subscription: 13, id: '101', clientMessageId: 'a' };
    const bad = addedBehind(STORY, is('subscribe', { subscription: 13 }), again);
    expect(duplicatesIn(bad)).toHaveLength(1);
  });

  it('is none where the instance had not come to since and said that it could not recover', () => {
    const again = { ...delivery, subscription: 13, id: '101', clientMessageId: 'a' };
    const behind = addedBehind(STORY, is('subscribe', { subscription: 13 }), again);
    const unrecovered = changed(behind, is('subscribed', { subscription: 13 }), () => ({ recovered: false }));
    expect(duplicatesIn(unrecovered)).toEqual([]);
    const twice = addedBehind(unrecovered, is('subscribe', { subscription: 13 }), again);
    expect(duplicatesIn(twice)).toHaveLength(1);
  });

  it('is one where it could not recover and went on behind since', () => {
    const unrecovered = changed(STORY, is('subscribed', { subscription: 13 }), () => ({ recovered: false }));
    const again = { ...delivery, subscription: 13, id: '101', clientMessageId: 'a' };
    expect(duplicatesIn(addedBehind(unrecovered, is('subscribed', { subscription: 13 }), again))).toHaveLength(1);
  });

  it('is a row with the id or the client key of another', () => {
    for (const fields of [{ clientMessageId: null }, { id: '199' }]) {
      const bad = addedBehind(STORY, is('row', { id: '104' }), { ...row, offset: 3, ...fields });
      expect(duplicatesIn(bad)).toHaveLength(1);
    }
  });
});
