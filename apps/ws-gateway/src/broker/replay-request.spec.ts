import { ChatError } from '@chat/service-kit';
import { createFrame } from '@chat/stomp';
import { describe, expect, it } from 'vitest';
import { replayRequestOf } from './replay-request.ts';

const ask = (headers: Record<string, string>) => replayRequestOf(createFrame('SUBSCRIBE', headers));

describe('what a SUBSCRIBE asks for', () => {
  it('is everything after a message, all of them, the last ones, or nothing', () => {
    expect(ask({ since: '948359823823823' })).toEqual({ kind: 'since', messageId: 948359823823823 });
    expect(ask({ since: '-5' })).toEqual({ kind: 'since', messageId: -5 });
    expect(ask({ since: '0' })).toEqual({ kind: 'since', messageId: null });
    expect(ask({ history: '20' })).toEqual({ kind: 'history', count: 20 });
    expect(ask({})).toEqual({ kind: 'none' });
  });

  it.each([
    { since: '' },
    { since: 'x' },
    { since: '01' },
    { since: '9007199254740993' },
    { since: '1.5' },
    { history: '-1' },
    { history: '201' },
    { history: 'all' },
    { since: '1', history: '1' },
  ])('is refused where it is %j', (headers) => {
    const refusal = ask(headers);
    expect(refusal).toBeInstanceOf(ChatError);
    expect(refusal).toMatchObject({ code: 'INVALID_REQUEST' });
  });
});
