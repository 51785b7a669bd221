import { describe, expect, it } from 'vitest';
import { addedBehind, changed, is, without } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findPhantoms } from './find-phantoms.ts';

const phantomsIn = (events: typeof STORY) => findPhantoms(recordedRun(events));

describe('a phantom', () => {
  it('is nothing that was sent', () => {
    expect(phantomsIn(STORY)).toEqual([]);
  });

  it('is a record that nobody sent', () => {
    const bad = without(STORY, is('send', { receipt: 'r2' }), is('receipt', { receipt: 'r2' }));
    expect(phantomsIn(bad)).toEqual(['message 102 of room 7 at offset 1 was sent by nobody']);
  });

  it('is a record of an aborted transaction, and none of a committed one', () => {
    const record = { ...STORY.find(is('record', { id: '104' }))!, offset: 7, id: '999', eventKey: '7:aborted' };
    const seen = addedBehind(STORY, is('record', { id: '104' }), { ...record, clientKey: null });
    expect(phantomsIn(seen)).toEqual(['message 999 of room 7 at offset 7 was sent by nobody']);
    expect(phantomsIn(changed(seen, is('produced'), () => ({ isCommitted: true })))).toEqual([]);
  });

  it('is a row that is no message of the log, or that says another place or sender', () => {
    for (const fields of [{ id: '105' }, { offset: 5 }, { sender: 2 }]) {
      const bad = changed(STORY, is('row', { id: '102' }), () => fields);
      expect(phantomsIn(bad)).toHaveLength(1);
    }
  });

  it('is a delivered message that the log does not have, or has in another room, under another key or sender', () => {
    for (const fields of [{ id: '199' }, { id: '777' }, { clientMessageId: 'a' }, { sender: 2 }]) {
      const bad = changed(STORY, is('message', { subscription: 11, id: '102' }), () => fields);
      expect(phantomsIn(bad)).toHaveLength(1);
    }
  });
});
