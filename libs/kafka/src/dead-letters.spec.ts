import { ChatError, createLogger } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { DeadLetters } from './dead-letters.ts';
import type { LogRecord } from './log-record.ts';
import type { OrderedPublisher } from './ordered-publisher.ts';

const logger = createLogger('kafka-spec', { level: 'silent', instanceId: 'spec' });
const record = (offset: number): LogRecord => ({ offset, timestamp: 0, key: null, value: null });

function deadLetters(publishDeadLetter: OrderedPublisher['publishDeadLetter']) {
  const counted = { count: 0 };
  const letters = new DeadLetters({
    topic: 'session-events',
    publisher: { publishDeadLetter },
    onSetAside: () => (counted.count += 1),
    logger,
  });
  return { letters, counted };
}

describe('dead letters', () => {
  it('are published with where the record lay and why, and counted', async () => {
    const published: unknown[] = [];
    const { letters, counted } = deadLetters(async ({ topic, partition, offset }, reason) => {
      published.push([topic, partition, offset, reason]);
    });
    await letters.setAside(3, [
      { record: record(7), reason: 'no value' },
      { record: record(9), reason: 'not JSON' },
    ]);
    expect(published).toEqual([
      ['session-events', 3, 7, 'no value'],
      ['session-events', 3, 9, 'not JSON'],
    ]);
    expect(counted.count).toBe(2);
  });

  it('are not counted and hold the consumer up where they cannot be published', async () => {
    const { letters, counted } = deadLetters(() => Promise.reject(new ChatError('UNAVAILABLE')));
    await expect(letters.setAside(0, [{ record: record(1), reason: 'no value' }])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(counted.count).toBe(0);
  });
});
