import { createLogger } from '@chat/service-kit';
import { databaseUnderTest, type DatabaseUnderTest } from '@chat/testing';
import { afterAll, beforeAll } from 'vitest';
import { openDatabase, type DatabaseService, type Repositories } from './database.ts';

/** A migrated database of a spec file's own, opened as an app opens it; there from the first `beforeAll` behind it on. */
export interface OpenDatabaseUnderTest extends Pick<DatabaseUnderTest, 'query' | 'url'> {
  readonly database: DatabaseService;
  /** The repositories of it. */
  readonly stored: Repositories;
}

/** Opens it before all tests of the file, and removes it behind them. */
export function useOpenDatabase(): OpenDatabaseUnderTest {
  let opened: { readonly under: DatabaseUnderTest; readonly database: DatabaseService } | null = null;
  const current = () => {
    if (opened === null) throw new Error('the database is opened by beforeAll');
    return opened;
  };
  beforeAll(async () => {
    const under = await databaseUnderTest();
    const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
    opened = { under, database: openDatabase({ databaseUrl: under.url, logger }) };
    await opened.database.start();
  });
  afterAll(async () => {
    await opened?.database.stop();
    await opened?.under.cleanUp();
  });
  return {
    query: (text, values) => current().under.query(text, values),
    get url() {
      return current().under.url;
    },
    get database() {
      return current().database;
    },
    get stored() {
      return current().database.repositories;
    },
  };
}
