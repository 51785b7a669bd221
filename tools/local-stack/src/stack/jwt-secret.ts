import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readIfExists, replaceFile } from '../files.ts';

/** The secret of this clone's local stack, or null when none was made yet. */
export function readJwtSecret(localDir: string): string | null {
  return readIfExists(secretFile(localDir))?.trim() ?? null;
}

/** The secret of this clone's local stack; made at the first call, so that tokens outlive a restart. */
export function readOrCreateJwtSecret(localDir: string): string {
  const kept = readJwtSecret(localDir);
  if (kept !== null) return kept;
  const secret = randomBytes(48).toString('base64url');
  replaceFile(secretFile(localDir), `${secret}\n`, 0o600);
  return secret;
}

function secretFile(localDir: string): string {
  return join(localDir, 'jwt-secret');
}
