import { describe, expect, it } from 'vitest';
import { changed, is, without } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findSenderReorderings } from './find-sender-reorderings.ts';

const reorderingsIn = (events: typeof STORY) => findSenderReorderings(recordedRun(events));
const withKeysExchanged = () => {
  const first = changed(STORY, is('send', { receipt: 'r1' }), () => ({ clientMessageId: 'b' }));
  return changed(first, is('send', { receipt: 'r2' }), () => ({ clientMessageId: 'a' }));
};

describe('the order of a sender', () => {
  it('is kept where the log has the messages as they were sent', () => {
    expect(reorderingsIn(STORY)).toEqual([]);
  });

  it('is broken where the log has them the other way round', () => {
    expect(reorderingsIn(withKeysExchanged())).toEqual([
      '1:7:a, sent at 140 ms, lies before one that its session had sent earlier',
    ]);
  });

  it('is not promised for a SEND without a RECEIPT', () => {
    expect(reorderingsIn(without(withKeysExchanged(), is('receipt', { receipt: 'r1' })))).toEqual([]);
  });

  it('is not broken by a resend of what lies in the log already', () => {
    const resent = changed(STORY, is('send', { receipt: 'r5' }), () => ({ session: 3, clientMessageId: 'e' }));
    const back = changed(resent, is('receipt', { receipt: 'r5' }), () => ({ session: 3 }));
    const late = changed(back, is('record', { id: '104' }), () => ({ offset: 1.5, clientKey: '1:7:e', sender: 1 }));
    expect(reorderingsIn(late)).toHaveLength(1);
    const again = {
      type: 'send',
      at: 1,
      session: 1,
      room: 7,
      clientMessageId: 'e',
      receipt: 'r9',
      isResend: false,
    } as const;
    expect(reorderingsIn(late.toSpliced(10, 0, again))).toEqual([]);
  });
});
