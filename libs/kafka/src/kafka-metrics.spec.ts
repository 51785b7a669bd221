import { Registry } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { createConsumerMetrics, createPublisherMetrics } from './kafka-metrics.ts';

async function samplesOf(registry: Registry): Promise<readonly string[]> {
  return (await registry.metrics()).split('\n').filter((line) => /^chat_/.test(line) && !line.includes('_bucket{'));
}

describe('the metrics of a publisher', () => {
  it('begin at 0 and say how attempts end, what was acknowledged, and what waits', async () => {
    const registry = new Registry();
    const publishing = createPublisherMetrics(registry);
    expect(await samplesOf(registry)).toEqual([
      'chat_kafka_append_records_total{outcome="acknowledged"} 0',
      'chat_kafka_append_records_total{outcome="failed"} 0',
      'chat_kafka_append_bytes_total 0',
      'chat_kafka_queued_records 0',
    ]);
    publishing.watchQueues(() => 7);
    publishing.attempt('failed', 2, 300, 40);
    publishing.attempt('acknowledged', 2, 300, 5);
    expect(await samplesOf(registry)).toEqual([
      'chat_kafka_append_seconds_sum{outcome="failed"} 0.04',
      'chat_kafka_append_seconds_count{outcome="failed"} 1',
      'chat_kafka_append_seconds_sum{outcome="acknowledged"} 0.005',
      'chat_kafka_append_seconds_count{outcome="acknowledged"} 1',
      'chat_kafka_append_records_total{outcome="acknowledged"} 2',
      'chat_kafka_append_records_total{outcome="failed"} 2',
      'chat_kafka_append_bytes_total 300',
      'chat_kafka_queued_records 7',
    ]);
  });
});

describe('the metrics of consumers', () => {
  it('say by topic what was processed, what failed, and how far behind the log it is', async () => {
    const registry = new Registry();
    const consuming = createConsumerMetrics(registry);
    consuming.lags('chat-messages', 12);
    consuming.processed('chat-messages', 3, 5, 0, 20);
    consuming.failed('chat-messages', 3);
    consuming.lags('chat-messages', 2);
    expect(await samplesOf(registry)).toEqual([
      'chat_kafka_consumed_records_total{topic="chat-messages"} 5',
      'chat_kafka_consumer_batch_seconds_sum{topic="chat-messages"} 0.02',
      'chat_kafka_consumer_batch_seconds_count{topic="chat-messages"} 1',
      'chat_kafka_failed_batches_total{topic="chat-messages"} 1',
      'chat_kafka_consumer_lag_offsets{topic="chat-messages"} 2',
    ]);
  });
});
