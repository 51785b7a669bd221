import { describe, expect, it } from 'vitest';
import { addedBehind, changed, is } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findMisnamedReceipts } from './find-misnamed-receipts.ts';

const misnamedIn = (events: typeof STORY) => findMisnamedReceipts(recordedRun(events));
const named = (receipt: string, messageId: string) => changed(STORY, is('receipt', { receipt }), () => ({ messageId }));

describe('the id in a RECEIPT', () => {
  it('is that of the message', () => {
    expect(misnamedIn(STORY)).toEqual([]);
  });

  it('may not be another', () => {
    expect(misnamedIn(named('r1', '102'))).toEqual(['the RECEIPT of 1:7:a names 102; the message is 101']);
  });

  it('may not be its own copy’s for a resend, however many copies lie in the log', () => {
    expect(misnamedIn(named('r4', '199'))).toEqual(['the RECEIPT of 1:7:c names 199; the message is 103']);
  });

  it('may be its own copy’s where two SENDs raced and nobody said that one is a resend', () => {
    const raced = changed(named('r4', '199'), is('send', { receipt: 'r4' }), () => ({ isResend: false }));
    expect(misnamedIn(raced)).toEqual([]);
  });

  it('must be there', () => {
    const bad = changed(STORY, is('receipt', { receipt: 'r1' }), () => ({ messageId: null }));
    expect(misnamedIn(bad)).toEqual(['the RECEIPT of 1:7:a names null; the message is 101']);
  });

  it('is not excused by a rival that was sent only afterwards', () => {
    const rival = { ...STORY.find(is('send', { receipt: 'r1' }))!, at: 60_000, receipt: 'r9' };
    const bad = addedBehind(named('r1', '199'), is('firstMessage'), rival);
    expect(misnamedIn(bad)).toEqual(['the RECEIPT of 1:7:a names 199; the message is 101']);
  });
});
