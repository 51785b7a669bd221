import type { EachBatchPayload } from 'kafkajs';
import { describe, expect, it, vi } from 'vitest';
import { HandedBatch } from './handed-batch.ts';

function payloadOf(over: Partial<EachBatchPayload> = {}) {
  const batch = {
    topic: 't',
    partition: 3,
    highWatermark: '12',
    messages: [{ key: null, value: Buffer.from('v'), offset: '7', timestamp: '5', attributes: 0, headers: {} }],
    lastOffset: () => '8',
  };
  return {
    batch: batch as unknown as EachBatchPayload['batch'], // the parts of it that are read
    heartbeat: () => Promise.resolve(),
    commitOffsetsIfNecessary: vi.fn(() => Promise.resolve()),
    ...over,
  };
}
const brokerSays = (type: string) => Promise.reject(Object.assign(new Error(type), { type }));

describe('a batch in hand', () => {
  it('ends behind the markers that follow its last record', () => {
    expect(new HandedBatch(payloadOf(), 7, () => false)).toMatchObject({
      partition: 3,
      fetchedOffset: 7,
      nextOffset: 9,
      highWatermark: 12,
      records: [{ offset: 7, timestamp: 5 }],
    });
  });

  it('leaves out what lies below its beginning', () => {
    expect(new HandedBatch(payloadOf(), 8, () => false)).toMatchObject({
      fetchedOffset: 8,
      nextOffset: 9,
      records: [],
    });
  });

  it('commits what it is told, for its own partition', async () => {
    const payload = payloadOf();
    await new HandedBatch(payload, 7, () => false).commit(9);
    expect(payload.commitOffsetsIfNecessary).toHaveBeenCalledWith({
      topics: [{ topic: 't', partitions: [{ partition: 3, offset: '9' }] }],
    });
  });

  it('refuses to commit once the group has changed', async () => {
    const payload = payloadOf();
    await expect(new HandedBatch(payload, 7, () => true).commit(9)).rejects.toThrow('may belong to another member');
    expect(payload.commitOffsetsIfNecessary).not.toHaveBeenCalled();
  });

  it('is stale once the broker no longer knows the member, also by a beat that nobody waits for', async () => {
    const batch = new HandedBatch(payloadOf({ heartbeat: () => brokerSays('UNKNOWN_MEMBER_ID') }), 7, () => false);
    await batch.beat();
    expect(batch.isStale()).toBe(true);
    expect(batch.kafkaError).toBeNull();
  });

  it('is not stale while the group is only about to change, and hands kafkajs its own error', async () => {
    const batch = new HandedBatch(payloadOf({ heartbeat: () => brokerSays('REBALANCE_IN_PROGRESS') }), 7, () => false);
    await expect(batch.heartbeat()).rejects.toThrow('REBALANCE_IN_PROGRESS');
    expect(batch.isStale()).toBe(false);
    expect(batch.kafkaError).toMatchObject({ type: 'REBALANCE_IN_PROGRESS' });
  });
});
