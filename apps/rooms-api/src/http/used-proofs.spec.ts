import { describe, expect, it } from 'vitest';
import { UsedProofs } from './used-proofs.ts';

const NOW = 1_000_000;
const LIFE_MS = 61_000;

/** What all instances know together; it can be away. */
function sharedMemory() {
  const first = new Map<string, number>();
  const shared = { isUp: true, asked: 0 };
  const share = async (id: string, now: number, lifeMs: number) => {
    shared.asked += 1;
    expect(lifeMs).toBe(LIFE_MS);
    if (!shared.isUp) throw new Error('away');
    const before = first.get(id) ?? null;
    if (before === null) first.set(id, now);
    return before;
  };
  return { shared, share };
}

describe('a proof', () => {
  it('is used once on all instances together', async () => {
    const { share } = sharedMemory();
    const [one, other] = [new UsedProofs({ share }), new UsedProofs({ share })];
    expect(await one.use('p', NOW)).toBeNull();
    expect(await other.use('p', NOW + 5)).toBe(NOW);
    expect(await one.use('p', NOW + 9)).toBe(NOW);
    expect(await other.use('q', NOW)).toBeNull();
  });

  it('is used once on this instance while the others cannot be asked', async () => {
    const { share, shared } = sharedMemory();
    shared.isUp = false;
    const [one, other] = [new UsedProofs({ share }), new UsedProofs({ share })];
    expect([await one.use('p', NOW), await one.use('p', NOW + 1), await other.use('p', NOW + 1)]).toEqual([
      null,
      NOW,
      null,
    ]);
  });

  it('is used once by two requests at the same time', async () => {
    const { share, shared } = sharedMemory();
    shared.isUp = false;
    const one = new UsedProofs({ share });
    expect(await Promise.all([one.use('p', NOW), one.use('p', NOW)])).toEqual([null, NOW]);
  });

  it('is forgotten once no clock could make it count, and the eldest where there are too many', async () => {
    const { share, shared } = sharedMemory();
    shared.isUp = false;
    const one = new UsedProofs({ share, maxCount: 2 });
    await one.use('p', NOW);
    expect(await one.use('p', NOW + LIFE_MS)).toBe(NOW);
    expect(await one.use('p', NOW + LIFE_MS + 1)).toBeNull();
    await one.use('q', NOW + LIFE_MS + 2);
    await one.use('r', NOW + LIFE_MS + 2);
    expect(await one.use('p', NOW + LIFE_MS + 3)).toBeNull();
  });
});
