import { createRequire } from 'node:module';
import { createLogger } from '@chat/service-kit';
import { describe, expect, it, vi } from 'vitest';
import { KafkaClient } from './client.ts';

const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });

interface RequestQueue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
  destroy(): void;
}

describe('the client', () => {
  it('puts the prefix before every topic name', () => {
    const client = new KafkaClient({ brokers: ['a:1'], clientId: 'spec', topicPrefix: 'blue.', logger });
    expect(client.topicName('chat-messages')).toBe('blue.chat-messages');
    expect(client.topicName('chat-messages.dlq')).toBe('blue.chat-messages.dlq');
  });

  it('arms no timer for a connection that has nothing pending', () => {
    new KafkaClient({ brokers: ['a:1'], clientId: 'spec', topicPrefix: '', logger });
    vi.useFakeTimers();
    const Queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as new (
      options: object,
    ) => RequestQueue; // an internal file without types
    const queue = new Queue({ logger: {}, requestTimeout: 1_000, enforceRequestTimeout: false });
    queue.scheduleCheckPendingRequests();
    expect(vi.getTimerCount()).toBe(0);
    queue.pending.push({});
    queue.scheduleCheckPendingRequests();
    expect(vi.getTimerCount()).toBe(1);
    queue.destroy();
    vi.useRealTimers();
  });
});
