import type { PresenceStore } from '@chat/redis';
import { createLogger } from '@chat/service-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { CATCH_UP_MS, STALE_MS } from './limits.ts';
import { OwnedShards } from './owned-shards.ts';

let now: number;
let lastGeneration: number;
let shards: OwnedShards;

beforeEach(async () => {
  now = 1_000;
  lastGeneration = 0;
  const store = { claimShard: async () => (lastGeneration += 1) } as Pick<PresenceStore, 'claimShard'> as PresenceStore; // nothing else is asked for
  const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
  shards = new OwnedShards({ store, logger, now: () => now });
  await shards.claim([0]);
});

describe('OwnedShards', () => {
  it('lets nothing be due while the log holds more than was read', () => {
    shards.noteProgress(0, true);
    now += 10 * CATCH_UP_MS;
    expect(shards.isCaughtUp(0)).toBe(false);
    shards.noteProgress(0, false);
    expect(shards.isCaughtUp(0)).toBe(true);
  });

  it('gives a shard whose log says nothing a while after the take-over', () => {
    expect(shards.isCaughtUp(0)).toBe(false);
    now += CATCH_UP_MS;
    expect(shards.isCaughtUp(0)).toBe(true);
  });

  it('is never caught up in a shard of somebody else', async () => {
    shards.release([0]);
    now += CATCH_UP_MS;
    expect(shards.isCaughtUp(0)).toBe(false);
    expect(() => shards.getGeneration(0)).toThrow('belongs to another instance');
  });

  it('claims a shard again only after another owner was believed for a while', async () => {
    await shards.noteStale(0);
    now += STALE_MS - 1;
    await shards.noteStale(0);
    expect(shards.generationOf(0)).toBe(1);
    now += 1;
    await shards.noteStale(0);
    expect(shards.generationOf(0)).toBe(2);
  });

  it('forgets an earlier owner once Redis takes its word again', async () => {
    await shards.noteStale(0);
    now += STALE_MS;
    shards.noteOwned(0);
    await shards.noteStale(0);
    expect(shards.generationOf(0)).toBe(1);
  });
});
