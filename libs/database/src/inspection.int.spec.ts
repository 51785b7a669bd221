import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectMigrations, inspectPostgres } from './inspection.ts';
import { REQUIRED_MIGRATION } from './schema-version.ts';

let under: DatabaseUnderTest;

beforeAll(async () => {
  under = await databaseUnderTest();
});
afterAll(() => under.cleanUp());

describe('the inspection of a database', () => {
  it('tells of the server and its clock', async () => {
    const before = Date.now();
    const sight = await inspectPostgres(under.url);
    expect(sight).toMatchObject({ isReadOnly: false, version: expect.stringMatching(/^\d+\.\d+/) });
    expect(sight.connections).toBeGreaterThan(0);
    expect(sight.maxConnections).toBeGreaterThan(sight.connections);
    expect(sight.nowMs).toBeGreaterThanOrEqual(before - 1_000);
  });

  it('says of its migrations what the migrate command would do, and does none of it', async () => {
    expect(await inspectMigrations(under.url)).toEqual({ kind: 'UP_TO_DATE' });

    await under.query('DELETE FROM _prisma_migrations WHERE migration_name >= $1', [REQUIRED_MIGRATION]);

    const behind = { kind: 'BEHIND', missing: expect.arrayContaining([REQUIRED_MIGRATION]) };
    expect(await inspectMigrations(under.url)).toEqual(behind);
    expect(await inspectMigrations(under.url)).toEqual(behind);
  });

  it('rejects with what Postgres says of a database that there is not', async () => {
    const url = new URL(under.url);
    url.pathname = '/there_is_none';
    await expect(inspectPostgres(url.href)).rejects.toThrow('"there_is_none" does not exist');
  });
});
