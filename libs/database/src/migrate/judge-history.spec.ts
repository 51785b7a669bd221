import type { DiagnoseMigrationHistoryOutput } from '@prisma/schema-engine-wasm';
import { describe, expect, it } from 'vitest';
import { judgeHistory } from './judge-history.ts';

const KNOWN = ['1_first', '2_second'];
const judge = (diagnosis: Partial<DiagnoseMigrationHistoryOutput>, rebuildable?: readonly string[]) =>
  judgeHistory(
    { editedMigrationNames: [], failedMigrationNames: [], hasMigrationsTable: true, history: null, ...diagnosis },
    KNOWN,
    rebuildable,
  );

describe('a database to migrate', () => {
  it('that has everything is left alone', () => {
    expect(judge({})).toEqual({ kind: 'UP_TO_DATE' });
  });

  it('that is empty or behind gets what is missing', () => {
    expect(judge({ hasMigrationsTable: false })).toEqual({ kind: 'BEHIND', missing: KNOWN });
    expect(judge({ history: { diagnostic: 'databaseIsBehind', unappliedMigrationNames: ['2_second'] } })).toEqual({
      kind: 'BEHIND',
      missing: ['2_second'],
    });
  });

  it('that newer code has migrated is left alone where it has all of ours, else refused', () => {
    expect(
      judge({ history: { diagnostic: 'migrationsDirectoryIsBehind', unpersistedMigrationNames: ['9_later'] } }),
    ).toEqual({ kind: 'NEWER', further: ['9_later'] });
    expect(
      judge({
        history: {
          diagnostic: 'historiesDiverge',
          lastCommonMigrationName: '1_first',
          unpersistedMigrationNames: ['9_later'],
          unappliedMigrationNames: ['2_second'],
        },
      }),
    ).toEqual({
      kind: 'REFUSED',
      reason: expect.stringMatching(/newer than this code: it has 9_later.* and lacks 2_second/),
    });
  });

  it('with an index that was broken off lacks it', () => {
    expect(judge({ failedMigrationNames: ['2_second'] }, ['2_second'])).toEqual({
      kind: 'BEHIND',
      missing: ['2_second'],
    });
    expect(judge({ failedMigrationNames: KNOWN }, ['2_second'])).toMatchObject({
      kind: 'REFUSED',
      reason: expect.stringContaining('migration 1_first failed before'),
    });
  });

  it('with a failed or an edited migration is refused by its name', () => {
    expect(judge({ failedMigrationNames: ['1_first'] })).toMatchObject({
      kind: 'REFUSED',
      reason: expect.stringContaining('1_first'),
    });
    expect(judge({ editedMigrationNames: ['2_second'] })).toMatchObject({
      kind: 'REFUSED',
      reason: expect.stringContaining('2_second'),
    });
  });
});
