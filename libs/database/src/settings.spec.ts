import { readConfig } from '@chat/service-kit';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { databaseSettings } from './settings.ts';

/** A file that can be read. */
const HERE = fileURLToPath(import.meta.url);

describe('the settings of the database', () => {
  it('need a URL and fill in the rest', () => {
    expect(readConfig(databaseSettings, { DATABASE_URL: 'postgresql://u:p@h:5432/d' })).toEqual({
      databaseUrl: 'postgresql://u:p@h:5432/d',
      databasePoolMax: 10,
      databaseStatementTimeoutMs: 2_500,
    });
  });

  it.each([`sslmode=verify-full&sslrootcert=${HERE}`, 'sslmode=verify-full', 'sslmode=disable', ''])(
    'may ask for TLS by ?%s',
    (query) => {
      const DATABASE_URL = `postgres://u:p@h/d?${query}`;
      expect(readConfig(databaseSettings, { DATABASE_URL }).databaseUrl).toBe(DATABASE_URL);
    },
  );

  it.each([
    ['DATABASE_URL is required', {}],
    ['DATABASE_URL is required', { DATABASE_URL: '' }],
    ['DATABASE_URL must be a postgres:// URL', { DATABASE_URL: 'mysql://u:hidden@h/d' }],
    ['DATABASE_URL must be a postgres:// URL', { DATABASE_URL: 'hidden' }],
  ])('are refused with "%s", the password left out', (words, env) => {
    expect(() => readConfig(databaseSettings, env)).toThrow(words);
    expect(() => readConfig(databaseSettings, env)).not.toThrow('hidden');
  });

  it.each([
    ['must have sslmode=verify-full or sslmode=disable', 'h', 'sslmode=require'],
    ['must have sslmode=verify-full or sslmode=disable', 'h', 'sslmode=no-verify'],
    ['must not have uselibpqcompat', 'h', 'sslmode=verify-full&uselibpqcompat=true'],
    ['must not have ssl:', 'h', 'ssl=true'],
    ['has sslrootcert, which need sslmode=verify-full', 'h', `sslrootcert=${HERE}`],
    ['has sslrootcert of a file that cannot be read', 'h', 'sslmode=verify-full&sslrootcert=/nowhere/ca.pem'],
    ['must name the server by its host name', '10.0.0.1', 'sslmode=verify-full'],
    ['must name the server by its host name', '[::1]', 'sslmode=verify-full'],
  ])('are refused with "DATABASE_URL %s" at %s with ?%s', (words, host, query) => {
    const env = { DATABASE_URL: `postgres://u:hidden@${host}/d?${query}` };
    expect(() => readConfig(databaseSettings, env)).toThrow(`DATABASE_URL ${words}`);
    expect(() => readConfig(databaseSettings, env)).not.toThrow('hidden');
  });
});
