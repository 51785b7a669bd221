import { asUserId, type UserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { USERNAME_MEMORY_MAX_COUNT } from '../limits.ts';
import { UsernameMemory } from './username-memory.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const clock = { now: () => 0 };
const ada = asUserId(1);

/** `false` where a name is not kept. */
function memoryOver(saveUsername: (userId: UserId, username: string) => Promise<boolean | void>): UsernameMemory {
  const saveUsernames = async (usernames: ReadonlyMap<UserId, string>) => {
    const kept = new Set<UserId>();
    for (const [userId, username] of usernames) if ((await saveUsername(userId, username)) !== false) kept.add(userId);
    return kept;
  };
  return new UsernameMemory({ users: { saveUsernames }, clock, logger });
}

describe('usernames of verified tokens', () => {
  it('are saved when they are new or another, and not again', async () => {
    const saved: string[] = [];
    const memory = memoryOver(async (userId, username) => void saved.push(`${userId} ${username}`));
    for (const username of ['ada', 'ada', 'ada.l', 'ada.l', 'ada']) await memory.remember({ userId: ada, username });
    await memory.remember({ userId: ada, username: null });
    expect(saved).toEqual(['1 ada', '1 ada.l', '1 ada']);
  });

  it('that could not be saved are tried again, and refuse no request', async () => {
    let attempts = 0;
    const memory = memoryOver(async () => {
      attempts += 1;
      throw new Error('down');
    });
    await memory.remember({ userId: ada, username: 'ada' });
    await memory.remember({ userId: ada, username: 'ada' });
    expect(attempts).toBe(2);
  });

  it('are saved one at a time for each user', async () => {
    const saved: string[] = [];
    const gate = Promise.withResolvers<void>();
    const memory = memoryOver((userId, username) => {
      saved.push(`${userId} ${username}`);
      return gate.promise;
    });
    const first = memory.remember({ userId: ada, username: 'ada' });
    await memory.remember({ userId: ada, username: 'ada' });
    await memory.remember({ userId: ada, username: 'ada.l' });
    expect(saved).toEqual(['1 ada']);
    gate.resolve();
    await first;
    await memory.remember({ userId: ada, username: 'ada.l' });
    expect(saved).toEqual(['1 ada', '1 ada.l']);
  });

  it('are saved again once the tokens of the user were revoked: an erasure takes the name away', async () => {
    const saved: string[] = [];
    const memory = memoryOver(async (userId, username) => void saved.push(`${userId} ${username}`));
    const again = { userId: ada, username: 'ada' };
    await memory.remember(again);
    memory.forget(ada);
    await memory.remember(again);
    expect(saved).toEqual(['1 ada', '1 ada']);
  });

  it('are not taken for saved where the revocation came while they were, or where the user is being erased', async () => {
    const gate = Promise.withResolvers<void>();
    let count = 0;
    const memory = memoryOver(async () => {
      count += 1;
      if (count === 1) await gate.promise;
      return count !== 2;
    });
    const first = memory.remember({ userId: ada, username: 'ada' });
    memory.forget(ada);
    gate.resolve();
    await first;
    for (let time = 0; time < 3; time += 1) await memory.remember({ userId: ada, username: 'ada' });
    expect(count, 'forgotten, not kept, kept').toBe(3);
  });

  it('are forgotten, oldest first, when there are too many', async () => {
    let count = 0;
    const memory = memoryOver(async () => void (count += 1));
    for (let id = 1; id <= USERNAME_MEMORY_MAX_COUNT + 1; id += 1)
      await memory.remember({ userId: asUserId(id), username: 'x' });
    await memory.remember({ userId: asUserId(USERNAME_MEMORY_MAX_COUNT + 1), username: 'x' });
    expect(count).toBe(USERNAME_MEMORY_MAX_COUNT + 1);
    await memory.remember({ userId: asUserId(1), username: 'x' });
    expect(count).toBe(USERNAME_MEMORY_MAX_COUNT + 2);
  });
});
