import { durationMs, integer, secret, setting, type Settings } from '@chat/service-kit';
import { z } from 'zod';
import { tlsProblems } from './tls-problems.ts';
import { POOL_MAX_DEFAULT, STATEMENT_TIMEOUT_DEFAULT_MS } from './limits.ts';

const urlText = z
  .custom<string | undefined>()
  .superRefine((value, context) => {
    if (value === undefined || value === '') context.addIssue({ code: 'custom', message: 'is required' });
    else if (!isPostgresUrl(value)) context.addIssue({ code: 'custom', message: 'must be a postgres:// URL' });
    else for (const message of tlsProblems(value)) context.addIssue({ code: 'custom', message });
  })
  .transform((value) => value ?? '');

/** The environment of everything that talks to Postgres. */
export const databaseSettings = {
  databaseUrl: secret(
    'DATABASE_URL',
    urlText,
    'URL of the migrated Postgres database; over TLS with `?sslmode=verify-full&sslrootcert=<file>`',
  ),
  databasePoolMax: setting(
    'DATABASE_POOL_MAX',
    integer({ min: 1, max: 500, default: POOL_MAX_DEFAULT }),
    'connections of this instance at most',
  ),
  databaseStatementTimeoutMs: setting(
    'DATABASE_STATEMENT_TIMEOUT_MS',
    durationMs({ min: 100, max: 60_000, default: STATEMENT_TIMEOUT_DEFAULT_MS }),
    'longest that one statement may run, in ms',
  ),
} as const satisfies Settings;

function isPostgresUrl(value: string): boolean {
  return URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol);
}
