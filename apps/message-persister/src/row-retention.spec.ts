import type { RetentionRepository } from '@chat/database';
import { createLogger, Registry } from '@chat/service-kit';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { createPersisterMetrics } from './metrics.ts';
import { RowRetention } from './row-retention.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 30);
const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });

/** Rooms 1 to 3, with so many old rows each; one statement removes two of one room. */
function rowsOf(...counts: number[]) {
  const asked: string[] = [];
  const rows: RetentionRepository = {
    removeOlder: async (before, afterRoomId) => {
      asked.push(`${before.toISOString().slice(0, 10)} after ${afterRoomId}`);
      const room = Number(afterRoomId);
      if (room >= counts.length) return { removedCount: 0, upToRoomId: null };
      const removedCount = Math.min(2, counts[room] ?? 0);
      counts[room] = (counts[room] ?? 0) - removedCount;
      return { removedCount, upToRoomId: BigInt(room + 1) };
    },
  };
  return { rows, asked };
}

function countedRows() {
  const registry = new Registry();
  const name = 'chat_persister_removed_rows_total';
  const removedCount = async () => (await registry.getSingleMetricAsString(name)).split(`${name} `).at(-1);
  return { metrics: createPersisterMetrics(registry), removedCount };
}

async function run(rows: RetentionRepository, { maxAgeMs, lifeMs }: { maxAgeMs: number | null; lifeMs: number }) {
  const { metrics, removedCount } = countedRows();
  let looked = false;
  const retention = new RowRetention({
    ...{ rows, maxAgeMs, metrics, logger, clock: { now: () => NOW } },
    recordLifeMs: async () => {
      looked = true;
      return lifeMs;
    },
  });
  await retention.start();
  if (maxAgeMs !== null) await eventually(() => expect(looked).toBe(true));
  await retention.stop();
  return removedCount();
}

describe('rows that are too old', () => {
  it('are removed room by room, those of a room until none is too old', async () => {
    const { rows, asked } = rowsOf(3, 0, 1);
    const { metrics, removedCount } = countedRows();
    const retention = new RowRetention({
      ...{ rows, maxAgeMs: 30 * DAY_MS, metrics, logger, clock: { now: () => NOW } },
      recordLifeMs: () => Promise.resolve(14 * DAY_MS),
    });
    await retention.start();
    await eventually(() => expect(asked.at(-1)).toBe('2026-10-31 after 3'));
    await retention.stop();
    expect(await removedCount()).toBe('4');
    expect(asked.map((each) => each.slice(-1))).toEqual(['0', '0', '0', '1', '2', '2', '3']);
  });

  it('stay where nothing is said of their age, and while the log keeps their records for longer', async () => {
    for (const limits of [
      { maxAgeMs: null, lifeMs: DAY_MS },
      { maxAgeMs: 14 * DAY_MS, lifeMs: 14 * DAY_MS },
      { maxAgeMs: 14 * DAY_MS, lifeMs: Infinity },
    ]) {
      const { rows, asked } = rowsOf(3);
      expect(await run(rows, limits)).toBe('0');
      expect(asked).toEqual([]);
    }
  });
});
