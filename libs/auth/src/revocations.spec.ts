import { asUserId, type Revocation } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Caller } from './caller.ts';
import { Revocations } from './revocations.ts';

const NOW = 1_000_000;
const [ada, ben] = [asUserId(1), asUserId(2)];
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const callerOf = (userId: typeof ada, issuedAt: number | null, id = 't-1'): Caller => ({
  ...{ userId, username: 'x', expiresAt: NOW + 60_000 },
  token: { id, issuedAt },
});
type Stored = Exclude<Revocation, { kind: 'session' }>;
const ofUser = (issuedBefore: number, expiresAt = NOW + 1): Stored => ({
  kind: 'user',
  userId: ada,
  issuedBefore,
  expiresAt,
});
const ofToken = (tokenId: string, expiresAt = NOW + 1): Stored => ({ kind: 'token', tokenId, expiresAt });

function scene(options: { readonly maxCount?: number; readonly toleranceMs?: number } = {}) {
  const clock = { at: NOW, now: () => clock.at };
  const asked: (number | undefined)[] = [];
  const rows: { stored: readonly Stored[]; failures: number } = { stored: [], failures: 0 };
  const listStored = async (_now: Date, _limit: number, withinMs?: number) => {
    asked.push(withinMs);
    if (rows.failures > 0) {
      rows.failures -= 1;
      throw new Error('away');
    }
    return rows.stored;
  };
  const revocations = new Revocations({ listStored, clock, logger, ...options });
  const news: Revocation[] = [];
  revocations.onNews((revocation) => news.push(revocation));
  onTestFinished(() => revocations.stop());
  const codeFor = (caller: Caller) => revocations.refusalOf(caller)?.code ?? null;
  return { clock, asked, rows, revocations, news, codeFor };
}

describe('a revocation of a user', () => {
  it('means tokens issued up to its instant, and those that do not say when; none of anybody else', () => {
    const { revocations, codeFor } = scene();
    revocations.take(ofUser(NOW - 500));
    expect([NOW - 1_000, NOW - 500, NOW, null].map((issuedAt) => codeFor(callerOf(ada, issuedAt)))).toEqual([
      'REVOKED',
      'REVOKED',
      null,
      'REVOKED',
    ]);
    expect(codeFor(callerOf(ben, null))).toBeNull();
  });

  it('means more where the clock of who issues them may be ahead', () => {
    const { revocations, codeFor } = scene({ toleranceMs: 2_000 });
    revocations.take(ofUser(NOW));
    expect([codeFor(callerOf(ada, NOW + 2_000)), codeFor(callerOf(ada, NOW + 2_001))]).toEqual(['REVOKED', null]);
  });

  it('never goes back to fewer tokens', () => {
    const { revocations, codeFor, news } = scene();
    revocations.take(ofUser(NOW));
    revocations.take(ofUser(NOW - 1_000));
    expect(codeFor(callerOf(ada, NOW))).toBe('REVOKED');
    expect(news).toHaveLength(1);
  });
});

describe('a revocation of a token', () => {
  it('means that token alone, until it expires', async () => {
    const { clock, revocations, codeFor } = scene();
    revocations.take(ofToken('t-1', NOW + 10));
    expect([codeFor(callerOf(ada, NOW)), codeFor(callerOf(ada, NOW, 't-2'))]).toEqual(['REVOKED', null]);
    clock.at = NOW + 10;
    await revocations.start();
    expect(codeFor(callerOf(ada, NOW))).toBeNull();
  });
});

describe('what is revoked', () => {
  it('is known from the start where it is stored, and told as news once', async () => {
    const { rows, revocations, codeFor, news } = scene();
    rows.stored = [ofToken('t-1'), ofUser(NOW)];
    revocations.take(ofToken('t-1'));
    await revocations.start();
    expect(codeFor(callerOf(ada, NOW, 't-9'))).toBe('REVOKED');
    expect(news).toEqual([ofToken('t-1'), ofUser(NOW)]);
  });

  it('is looked for again and again, from a little before the last look that was answered; what is known stays', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { clock, asked, rows, revocations, codeFor } = scene();
    await revocations.start();
    revocations.take(ofToken('t-1', Infinity));
    rows.failures = 1;
    for (const at of [5_000, 10_000, 15_000]) {
      clock.at = NOW + at;
      await vi.advanceTimersByTimeAsync(5_000);
    }
    expect(asked).toEqual([undefined, 65_000, 70_000, 65_000]);
    expect(codeFor(callerOf(ada, NOW))).toBe('REVOKED');
  });

  it('lets nobody in where it cannot be read at the start, after some attempts', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { rows, asked, revocations } = scene();
    rows.failures = Infinity;
    const started = expect(revocations.start()).rejects.toThrow('away');
    await vi.advanceTimersByTimeAsync(10_000);
    await started;
    expect(asked).toHaveLength(10);
  });

  it('is forgotten from the eldest on where there is too much of it', () => {
    const { revocations, codeFor } = scene({ maxCount: 2 });
    for (const id of ['t-1', 't-2', 't-3']) revocations.take(ofToken(id));
    expect(['t-1', 't-2', 't-3'].map((id) => codeFor(callerOf(ada, NOW, id)))).toEqual([null, 'REVOKED', 'REVOKED']);
  });

  it('is told of a session, which nobody remembers', () => {
    const { revocations, news } = scene();
    const ofSession = { kind: 'session', sessionId: 's', expiresAt: Infinity } as const;
    revocations.take(ofSession);
    revocations.take(ofSession);
    expect(news).toEqual([ofSession, ofSession]);
  });
});
