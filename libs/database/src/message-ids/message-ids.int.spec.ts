import { createLogger, systemClock } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type DatabaseService } from '../database.ts';
import { messageIdParts, tickOf } from './layout.ts';
import { openMessageIds } from './message-ids.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
let under: DatabaseUnderTest;
let database: DatabaseService;

beforeAll(async () => {
  under = await databaseUnderTest();
  database = openDatabase({ databaseUrl: under.url, logger });
});

afterAll(async () => {
  await database.stop();
  await under.cleanUp();
});

describe('message ids with numbers from Postgres', () => {
  it('differ between eight instances that write at once, and are near the clock', async () => {
    const open = () =>
      openMessageIds({ repository: database.repositories.instanceNumbers, clock: systemClock, logger });
    const instances = Array.from({ length: 8 }, open);
    await Promise.all(instances.map((ids) => ids.start()));
    const made = instances.flatMap((ids) => Array.from({ length: 2_000 }, () => ids.next()));
    expect(new Set(made).size).toBe(made.length);
    const ticks = made.map((id) => messageIdParts(id).tick);
    expect(Math.max(...ticks) - tickOf(Date.now())).toBeLessThan(1_000);
    await Promise.all(instances.map((ids) => ids.stop()));
    expect(await under.query('SELECT 1 FROM instance_numbers WHERE holder IS NOT NULL')).toEqual([]);
    const again = open();
    await again.start();
    expect(made).not.toContain(again.next());
    await again.stop();
  });

  it('tell the instances of a build that heeds no revocations, while their intervals last', async () => {
    const { instanceNumbers } = database.repositories;
    const ids = openMessageIds({ repository: instanceNumbers, clock: systemClock, logger });
    await ids.start();
    expect(await instanceNumbers.countUnheedingHolders()).toBe(0);
    const older = (untilTick: number) =>
      under.query(
        `UPDATE instance_numbers SET holder = gen_random_uuid(), until_tick = $1 WHERE holder IS NOT NULL OR number = 400`,
        [untilTick],
      );
    await older(tickOf(Date.now()) + 1_000); // as an older build writes it: one takes the number of a newer, one a free one
    expect(await instanceNumbers.countUnheedingHolders()).toBe(2);
    await older(tickOf(Date.now()) - 1);
    expect(await instanceNumbers.countUnheedingHolders()).toBe(0);
    await ids.stop();
  });
});
