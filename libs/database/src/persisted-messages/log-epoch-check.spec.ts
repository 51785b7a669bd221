import { ChatError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { logEpochCheck } from './log-epoch-check.ts';
import type { LogEpoch } from './log-epoch-repository.ts';

const topic = { name: 'chat-messages', partitionCount: 12 };
const opened: LogEpoch = { epoch: 1, topic };

function scene() {
  const rows = { findOpen: (): Promise<LogEpoch | null> => Promise.resolve(opened) };
  const now = { ...topic };
  const { check } = logEpochCheck({ epochs: { findOpen: () => rows.findOpen() }, topic: () => now });
  return { rows, now, look: async () => check() };
}

describe('the check of the log epoch', () => {
  it('passes while the topic is the one that the epoch was opened for, or none was opened', async () => {
    const { rows, look } = scene();
    await expect(look()).resolves.toBeUndefined();
    rows.findOpen = () => Promise.resolve(null);
    await expect(look()).resolves.toBeUndefined();
  });

  it('names what is different', async () => {
    const { now, look } = scene();
    now.partitionCount = 13;
    await expect(look()).rejects.toThrow('chat-messages has 13 partitions; log epoch 1 was opened with 12');
  });

  it('says what it knew last while the database does not answer, and lets any other failure be one', async () => {
    const { rows, now, look } = scene();
    await look();
    rows.findOpen = () => Promise.reject(new ChatError('UNAVAILABLE'));
    await expect(look()).resolves.toBeUndefined();
    now.partitionCount = 13;
    await expect(look()).rejects.toThrow('13 partitions');
    rows.findOpen = () => Promise.reject(new TypeError('broken'));
    await expect(look()).rejects.toThrow('broken');
  });
});
