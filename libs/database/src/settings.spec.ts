import { readConfig } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { databaseSettings } from './settings.ts';

describe('the settings of the database', () => {
  it('need a URL and fill in the rest', () => {
    expect(readConfig(databaseSettings, { DATABASE_URL: 'postgresql://u:p@h:5432/d' })).toEqual({
      databaseUrl: 'postgresql://u:p@h:5432/d',
      databasePoolMax: 10,
      databaseStatementTimeoutMs: 2_500,
    });
  });

  it.each([
    ['DATABASE_URL is required', {}],
    ['DATABASE_URL is required', { DATABASE_URL: '' }],
    ['DATABASE_URL must be a postgres:// URL', { DATABASE_URL: 'mysql://u:hidden@h/d' }],
    ['DATABASE_URL must be a postgres:// URL', { DATABASE_URL: 'hidden' }],
  ])('are refused with "%s", the password left out', (words, env) => {
    expect(() => readConfig(databaseSettings, env)).toThrow(words);
    expect(() => readConfig(databaseSettings, env)).not.toThrow('hidden');
  });
});
