import { asRoomId, asUserId } from '@chat/dto';
import type { PresenceStore } from '@chat/redis';
import { createLogger } from '@chat/service-kit';
import { expect, it } from 'vitest';
import { LastSeenWriter } from './last-seen-writer.ts';

const logger = createLogger('test', { level: 'silent', instanceId: 'test' });

it('stops after the batch in hand, however much waits in Redis', async () => {
  const gate = Promise.withResolvers<void>();
  let savedCount = 0;
  const pending = [{ userId: asUserId(1), roomId: asRoomId(1), seenAtMs: 0 }];
  const store = {
    listLastSeen: () => Promise.resolve(pending), // never less
    removeLastSeen: () => Promise.resolve(),
  } as unknown as PresenceStore; // what the writer uses of it
  const saveLastSeen = async () => {
    savedCount += 1;
    await gate.promise;
  };
  const writer = new LastSeenWriter({ store, lastSeen: { saveLastSeen }, logger });
  writer.wake(0);
  await Promise.resolve();
  const stopped = writer.stop();
  gate.resolve();
  await stopped;
  expect(savedCount).toBe(1);
});
