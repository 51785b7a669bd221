import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageSend } from '../broker/requests.ts';
import { MessageStories, type Passage } from './message-stories.ts';

const clock = { now: () => Date.parse('2026-01-01T00:00:00Z') };
const [ada, room] = [asUserId(1), asRoomId(7)];
const storiesOf = (max: number) => new MessageStories({ instanceId: 'one', max, clock });

const passage = (messageId: number, more: Partial<Passage> = {}): Passage => ({
  ...{ messageId, roomId: room, partition: 3, offset: messageId, deliveredCount: 2, heldCount: 1, repeatOf: 0 },
  ...more,
});
const send = (clientMessageId?: string): MessageSend => ({
  destination: '/app/chat.send/7',
  target: { kind: 'send', roomId: room },
  ...{ receiptId: undefined, clientMessageId, resend: undefined, body: new Uint8Array() },
});

describe('what an instance remembers of messages', () => {
  it('is to how many it handed them, and which one they repeat', () => {
    const stories = storiesOf(10);
    stories.passed(passage(1));
    stories.passed(passage(2, { deliveredCount: 0, heldCount: 0, repeatOf: 1 }));
    expect(stories.find(asMessageId(1), null).passages).toEqual([
      {
        ...{ instanceId: 'one', at: '2026-01-01T00:00:00.000Z', roomId: 7, partition: 3, offset: 1 },
        ...{ deliveredCount: 2, heldCount: 1 },
      },
    ]);
    expect(stories.find(asMessageId(2), null).passages).toMatchObject([{ repeatOf: 1 }]);
  });

  it('is how a SEND was answered, by its id or its name', () => {
    const stories = storiesOf(10);
    stories.answered(ada, [send('a'), send('b')], [{ 'message-id': '5' }, { 'message-id': '6' }]);
    stories.answered(ada, [send('a'), send()], new ChatError('IDEMPOTENCY_CONFLICT'));
    const name = { roomId: room, senderId: ada, clientMessageId: 'a' };
    expect(stories.find(null, name).answers).toMatchObject([{ messageId: 5 }, { code: 'IDEMPOTENCY_CONFLICT' }]);
    expect(stories.find(asMessageId(6), null).answers).toMatchObject([{ clientMessageId: 'b' }]);
    expect(stories.find(null, { ...name, senderId: asUserId(2) }).answers).toEqual([]);
  });

  it('is no name that is none, which may be of any length', () => {
    const stories = storiesOf(10);
    const clientMessageId = 'a'.repeat(8_000);
    stories.answered(ada, [send(clientMessageId)], new ChatError('INVALID_REQUEST'));
    expect(stories.find(null, { roomId: room, senderId: ada, clientMessageId }).answers).toEqual([]);
  });

  it('is what was accepted, however many are refused meanwhile', () => {
    const stories = storiesOf(10);
    stories.answered(ada, [send('a')], [{ 'message-id': '5' }]);
    for (let count = 0; count < 100; count += 1) stories.answered(ada, [send('a')], new ChatError('RATE_LIMITED'));
    const { answers } = stories.find(null, { roomId: room, senderId: ada, clientMessageId: 'a' });
    expect(answers.filter(({ messageId }) => messageId === 5)).toHaveLength(1);
    expect(answers.filter(({ code }) => code === 'RATE_LIMITED')).toHaveLength(3);
  });

  it('is the last so many of them, whatever came before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 60 }), (max, count) => {
        const stories = storiesOf(max);
        for (let id = 1; id <= count; id += 1) stories.passed(passage(id));
        const known = Array.from({ length: count }, (_, at) => at + 1).filter(
          (id) => stories.find(asMessageId(id), null).passages.length > 0,
        );
        expect(known).toEqual(Array.from({ length: count }, (_, at) => at + 1).slice(-max));
      }),
    );
  });
});
