import { encodeRecord, partitionOf } from '@chat/kafka-contracts';
import { asMessageId, asRoomId, asUserId, type MessageDTO } from '@chat/dto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATEMENT_MAX_RECORDS } from './limits.ts';
import { planBatch, type PlacedRecord } from './persist-batch.ts';

const PARTITION_COUNT = 3;
const ROOM = 5;
const PARTITION = partitionOf(String(ROOM), PARTITION_COUNT);

function message(id: number, more: Partial<MessageDTO> = {}): MessageDTO {
  return {
    id: asMessageId(id),
    senderId: asUserId(1),
    roomId: asRoomId(ROOM),
    content: 'x',
    type: 'GROUP',
    timestamp: '2026-01-01T00:00:00Z',
    ...more,
  };
}

function placed(offset: number, value: MessageDTO, headers: Record<string, string> = {}): PlacedRecord {
  const record = encodeRecord('chat-messages', value.roomId, value, {
    id: String(value.id),
    source: 'spec',
    time: value.timestamp,
    headers: { 'sender-id': String(value.senderId), ...headers },
  });
  return { offset, key: Buffer.from(record.key), value: record.value, headers: record.headers };
}

const plan = (records: readonly PlacedRecord[], fetchedOffset = 0, nextOffset = (records.at(-1)?.offset ?? 0) + 1) =>
  planBatch({ partition: PARTITION, partitionCount: PARTITION_COUNT, fetchedOffset, nextOffset, records });

describe('planBatch', () => {
  it('makes a row of each record, from the fetched position to the one behind the batch', () => {
    const [only] = plan([placed(7, message(1)), placed(9, message(2))], 5, 12);
    expect(only).toMatchObject({ from: 5, next: 12, refused: [], repeatCount: 0 });
    expect(only?.rows.map(({ logOffset, id }) => [logOffset, id])).toEqual([
      [7, 1],
      [9, 2],
    ]);
  });

  it('keeps the first of two records with one event id', () => {
    const [only] = plan([placed(0, message(1, { content: 'first' })), placed(1, message(1, { content: 'second' }))]);
    expect(only?.rows.map(({ content }) => content)).toEqual(['first']);
    expect(only?.repeatCount).toBe(1);
  });

  it('keeps the first of two records with the same two keys, and that of another sender', () => {
    const keys = { ce_id: 'e', 'client-message-id': 'k' };
    const [only] = plan([
      placed(0, message(1), keys),
      placed(1, message(2), keys),
      placed(2, message(3, { senderId: asUserId(2) }), { 'client-message-id': 'k' }),
    ]);
    expect(only?.rows.map(({ id }) => id)).toEqual([1, 3]);
  });

  it('leaves it to Postgres whether a record counts that shares one key alone with another, which may not count itself', () => {
    const stretches = plan([
      placed(0, message(1), { ce_id: 'stored long ago', 'client-message-id': 'k' }),
      placed(1, message(2), { 'client-message-id': 'k' }),
      placed(2, message(3)),
    ]);
    expect(stretches.map(({ from, next, rows }) => [from, next, rows.map(({ id }) => id)])).toEqual([
      [0, 1, [1]],
      [1, 3, [2, 3]],
    ]);
  });

  it('does not let a record use up the client message id of somebody else', () => {
    const [only] = plan([placed(0, message(1), { 'client-message-id': 'k', 'sender-id': '9' })]);
    expect(only?.rows).toMatchObject([{ clientMessageId: null }]);
  });

  it('counts text, and neither what changes or marks another message nor what the system says', () => {
    const targetId = asMessageId(1);
    const kinds = [
      {},
      { kind: 'SYSTEM' },
      { kind: 'EDIT', targetId },
      { kind: 'DELETE', targetId, content: '' },
      { kind: 'REACTION', targetId },
    ] as const;
    const [only] = plan(kinds.map((kind, at) => placed(at, message(at + 1, kind))));
    expect(only?.rows.map(({ counts }) => counts)).toEqual([true, false, false, false, false]);
  });

  it('sets aside what does not count, with the reason, and goes on', () => {
    const [only] = plan([{ offset: 0, key: Buffer.from('5'), value: Buffer.from('[]') }, placed(1, message(1))]);
    expect(only?.refused).toHaveLength(1);
    expect(only?.refused[0]?.reason).not.toBe('');
    expect(only?.rows).toHaveLength(1);
  });

  it('stores keys that Postgres cannot hold, or that look like a digest, as their digest', () => {
    const lookalike = `sha256:${'0'.repeat(64)}`;
    const [only] = plan([
      placed(0, message(1), { ce_id: 'a\u0000' }),
      placed(1, message(2), { ce_id: 'x'.repeat(201) }),
      placed(2, message(3), { ce_id: lookalike }),
    ]);
    expect(only?.rows[2]?.eventId).not.toBe(lookalike);
    expect(only?.rows.map(({ eventId }) => eventId)).toEqual([
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    ]);
  });

  it('cuts into stretches that join without a gap and keep every record, whatever holes the offsets have', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2_500 }), (steps) => {
        let offset = 10;
        const records = steps.map((step, index) => placed((offset += step), message(index + 1)));
        const plans = plan(records, 10, offset + 3);
        expect(plans[0]?.from).toBe(10);
        expect(plans.at(-1)?.next).toBe(offset + 3);
        for (const [index, { from, next, rows }] of plans.entries()) {
          if (index > 0) expect(from).toBe(plans[index - 1]?.next);
          expect(rows.length).toBeLessThanOrEqual(STATEMENT_MAX_RECORDS);
          expect(rows.every(({ logOffset }) => logOffset >= from && logOffset < next)).toBe(true);
        }
        expect(plans.flatMap(({ rows }) => rows)).toHaveLength(records.length);
      }),
      { numRuns: 30 },
    );
  });
});
