import { describe, expect, it } from 'vitest';
import { addedBehind, changed, is, without } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { ANSWER_DEADLINE_MS, findUnansweredFrames } from './find-unanswered-frames.ts';

const unansweredIn = (events: typeof STORY) => findUnansweredFrames(recordedRun(events));
const answer = STORY.find(is('receipt', { receipt: 'r5' }))!;
const sentAt = STORY.find(is('send', { receipt: 'r5' }))!.at;
const answeredAfter = (ms: number) => changed(STORY, is('receipt', { receipt: 'r5' }), () => ({ at: sentAt + ms }));
const refusal = { ...answer, type: 'error', clientMessageId: 'd', code: 'OVERLOADED', retryable: true } as const;

describe('an answer', () => {
  it('is one RECEIPT, or none where the connection ended first', () => {
    expect(unansweredIn(STORY)).toEqual([]);
  });

  it('may be an error', () => {
    expect(
      unansweredIn(
        addedBehind(without(STORY, is('receipt', { receipt: 'r5' })), is('send', { receipt: 'r5' }), refusal),
      ),
    ).toEqual([]);
  });

  it('is missing where none came, for a SEND and a SUBSCRIBE', () => {
    expect(unansweredIn(without(STORY, is('receipt', { receipt: 'r5' })))).toEqual([
      'r5 of session 2 (client 2 at ws-gateway-2), sent at 350 ms, had no answer in 59650 ms',
    ]);
    expect(unansweredIn(without(STORY, is('receipt', { receipt: 's13' })))).toHaveLength(1);
  });

  it('comes once: not twice, and not as a RECEIPT and an error', () => {
    for (const more of [answer, refusal]) {
      expect(unansweredIn(addedBehind(STORY, is('receipt', { receipt: 'r5' }), more))).toEqual([
        'r5 of session 2 (client 2 at ws-gateway-2), sent at 350 ms, was answered 2 times',
      ]);
    }
  });

  it('belongs to a frame of its own session', () => {
    const bad = addedBehind(STORY, is('receipt', { receipt: 'r5' }), { ...answer, session: 3 });
    expect(unansweredIn(bad)).toEqual(['session 3 was answered r5 at 360 ms unasked']);
  });

  it('comes in time', () => {
    expect(unansweredIn(answeredAfter(ANSWER_DEADLINE_MS))).toEqual([]);
    expect(unansweredIn(answeredAfter(ANSWER_DEADLINE_MS + 1))).toEqual([
      'r5 of session 2 (client 2 at ws-gateway-2), sent at 350 ms, was answered after 5001 ms',
    ]);
  });

  it('may take as much longer as its gateway or its client was frozen, and nobody else', () => {
    const late = answeredAfter(ANSWER_DEADLINE_MS + 1_000);
    const frozen = (name: string) => {
      const begin = { type: 'fault', at: sentAt, fault: 2, name: 'F2', target: null, freezes: [name] } as const;
      const end = { type: 'faultEnded', at: sentAt + 1_000, fault: 2 } as const;
      return [...late, begin, end, ...late.filter(is('ended'))];
    };
    expect(unansweredIn(frozen('ws-gateway-2'))).toEqual([]);
    expect(unansweredIn(frozen('2'))).toEqual([]);
    expect(unansweredIn(frozen('ws-gateway-3'))).toHaveLength(1);
  });
});
