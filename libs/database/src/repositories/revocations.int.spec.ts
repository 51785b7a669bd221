import { asUserId, type Revocation } from '@chat/dto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useOpenDatabase } from '../open-database-under-test.ts';
import type { RevocationRepository } from './revocation-repository.ts';

type Stored = Exclude<Revocation, { kind: 'session' }>;
const NOW = Date.parse('2026-01-01T00:00:00Z');
const under = useOpenDatabase();
let revocations: RevocationRepository;

beforeAll(async () => {
  revocations = under.stored.revocations;
});
beforeEach(() => under.query('TRUNCATE revocations'));

const ofUser = (issuedBefore: number, expiresAt: number): Stored => ({
  ...{ kind: 'user', userId: asUserId(2 ** 53 - 1) },
  ...{ issuedBefore, expiresAt },
});
const ofToken = (tokenId: string, expiresAt: number): Stored => ({ kind: 'token', tokenId, expiresAt });
const list = (now = NOW, limit = 10, withinMs?: number) => revocations.listRevocations(new Date(now), limit, withinMs);

describe('stored revocations', () => {
  it('are read as they were until they expire, the newest first', async () => {
    const [user, token] = [ofUser(NOW - 1, NOW + 10), ofToken('user:7 "😀"', NOW + 20)];
    await revocations.saveRevocation(user);
    await revocations.saveRevocation(token);
    expect(await list()).toEqual([token, user]);
    expect(await list(NOW, 1)).toEqual([token]);
    expect(await list(NOW + 10)).toEqual([token]);
    expect(await revocations.removeExpired(new Date(NOW + 10), 10)).toBe(1);
    expect(await list()).toEqual([token]);
  });

  it('mean as many tokens, for as long, as all that was said of one', async () => {
    await revocations.saveRevocation(ofUser(NOW - 5, NOW + 50));
    await revocations.saveRevocation(ofUser(NOW - 1, NOW + 10));
    await revocations.saveRevocation(ofUser(NOW - 9, NOW + 20));
    expect(await list()).toEqual([ofUser(NOW - 1, NOW + 50)]);
  });

  it('are read for what was stored lately alone, also what was said once more', async () => {
    await revocations.saveRevocation(ofToken('old', NOW + 10));
    await revocations.saveRevocation(ofToken('again', NOW + 10));
    await under.query(`UPDATE revocations SET stored_at = now() - interval '1 minute'`);
    await revocations.saveRevocation(ofToken('again', NOW + 20));
    expect(await list(NOW, 10, 59_000)).toEqual([ofToken('again', NOW + 20)]);
    expect(await list(NOW, 10, 61_000)).toHaveLength(2);
  });
});
