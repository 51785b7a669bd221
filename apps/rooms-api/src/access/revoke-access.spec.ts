import { asUserId, type CommandDTO, type Revocation } from '@chat/dto';
import { ChatError, createLogger } from '@chat/service-kit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { UNHEEDING_LOOK_MS } from '../limits.ts';
import { endSessionsOf, revokeAccess, type RevokeAccessOptions } from './revoke-access.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const userId = asUserId(7);
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });

function scene() {
  const state = { unheedingCount: 0, isPostgresAway: false };
  const published: CommandDTO[] = [];
  const known: Revocation[] = [];
  const stored: Revocation[] = [];
  const answer = () => (state.isPostgresAway ? Promise.reject(new ChatError('UNAVAILABLE')) : Promise.resolve());
  const options: RevokeAccessOptions = {
    publish: async (command) => published.push(command),
    revocations: { take: (revocation) => void known.push(revocation) },
    stored: { saveRevocation: (revocation) => answer().then(() => void stored.push(revocation)) },
    instanceNumbers: { countUnheedingHolders: () => answer().then(() => state.unheedingCount) },
    clock: { now: () => NOW },
    logger,
  };
  return { state, published, known, stored, options };
}

describe('a revocation', () => {
  it('is published, known here and stored', async () => {
    const { published, known, stored, options } = scene();
    const command = await revokeAccess({ userId }, options);
    expect(published).toEqual([command]);
    expect(known).toEqual([expect.objectContaining({ kind: 'user', userId, issuedBefore: NOW })]);
    expect(stored).toEqual(known);
  });

  it('is refused while an instance runs whose build would hand it to clients and end no session', async () => {
    const { state, published, known, options } = scene();
    state.unheedingCount = 2;
    await expect(revokeAccess({ userId }, options)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/heed no revocations.*: 2\. Replace every gateway first/) as string,
    });
    expect([published, known]).toEqual([[], []]);
  });

  it('does not wait for a Postgres that is away, nor for long for one that hangs', async () => {
    const { state, published, known, options } = scene();
    state.isPostgresAway = true;
    await revokeAccess({ userId }, options);
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const countUnheedingHolders = () => new Promise<never>(() => {});
    const revoked = revokeAccess({ userId }, { ...options, instanceNumbers: { countUnheedingHolders } });
    await vi.advanceTimersByTimeAsync(UNHEEDING_LOOK_MS);
    await revoked;
    expect([published.length, known.length]).toEqual([2, 2]);
  });
});

describe('the end of all sessions of a user', () => {
  it('is certain once Kafka and Postgres both have it', async () => {
    const { state, published, stored, options } = scene();
    state.isPostgresAway = true;
    await expect(endSessionsOf(userId, options)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    state.isPostgresAway = false;
    await endSessionsOf(userId, options);
    expect(published).toHaveLength(2);
    expect(stored).toHaveLength(1);
  });
});
