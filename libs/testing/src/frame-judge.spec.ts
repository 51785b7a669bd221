import { createFrame } from '@chat/stomp';
import { describe, expect, it } from 'vitest';
import { createFrameJudge } from './frame-judge.ts';

const text = { type: 'string' };
const headers = (...names: readonly string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map((name) => [name, text])),
});
const judge = createFrameJudge({
  channels: {
    session: { address: null, messages: { RECEIPT: {} } },
    'send-say': { address: '/app/say/{roomId}', messages: { Said: {} } },
    'subscribe-room': { address: '/topic/{roomId}', messages: { Said: {}, Gone: {} } },
    'topic-log': { address: 'log', messages: { Record: {} } },
  },
  components: {
    messages: {
      'session.RECEIPT': { headers: headers('receipt-id') },
      'send-say.Said': { headers: headers('destination'), payload: { $ref: '#/components/schemas/Said' } },
      'subscribe-room.Said': { headers: headers('destination'), payload: { $ref: '#/components/schemas/Said' } },
      'subscribe-room.Gone': {
        headers: headers('destination'),
        payload: { type: 'object', properties: { gone: text } },
      },
      'topic-log.Record': { headers: headers('ce_id'), payload: { $ref: '#/components/schemas/Said' } },
    },
    schemas: { Said: { type: 'object', required: ['content'], properties: { content: text } } },
  },
});
const message = (destination: string, body: string) => createFrame('MESSAGE', { destination }, body);

describe('the judge of frames', () => {
  it('takes what the document has', () => {
    expect(judge.received(message('/topic/7', '{"content":"x"}'))).toBeNull();
    expect(judge.received(message('/topic/7', '{"gone":"x"}'))).toBeNull();
    expect(judge.received(createFrame('RECEIPT', { 'receipt-id': 'r' }))).toBeNull();
    expect(judge.taken(createFrame('SEND', { destination: '/app/say/7' }, '{"content":"x"}'))).toBeNull();
    expect(judge.published('log', { headers: { ce_id: '1' }, value: '{"content":"x"}' })).toBeNull();
  });

  it.each([
    ['another destination', message('/topic/7/more', '{"content":"x"}'), 'no such frame'],
    ['another frame', createFrame('ECHO', {}), 'no such frame'],
    ['a field that is not named', message('/topic/7', '{"content":"x","more":1}'), 'unevaluated'],
    ['a body that is no JSON', message('/topic/7', 'x'), 'must be object'],
    ['a header that is missing', createFrame('RECEIPT', {}), "required property 'receipt-id'"],
    ['a header that is not named', createFrame('RECEIPT', { 'receipt-id': 'r', more: '1' }), 'unevaluated'],
  ])('says what is wrong with %s', (_, frame, words) => {
    expect(judge.received(frame)).toContain(words);
  });

  it('says so of what clients send and of records, too', () => {
    expect(judge.taken(createFrame('SEND', { destination: '/app/say/7' }, '{}'))).toContain(
      "required property 'content'",
    );
    expect(judge.taken(createFrame('SEND', { destination: '/app/sing/7' }))).toContain('no such frame');
    expect(judge.published('log', { headers: {}, value: '{"content":"x"}' })).toContain("required property 'ce_id'");
  });
});
