import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Run } from '../processes/run.ts';

/** Where a folder is that is made from these files: another content, another folder. */
export async function cachedFolder(cacheDir: string, name: string, madeFrom: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of madeFrom) hash.update(await readFile(file));
  return join(cacheDir, `${name}-${hash.digest('hex').slice(0, 8)}`);
}

/**
 * Fills the folder unless it is there. It appears by rename: what is half done is never taken for whole, and two runs at
 * once do no harm.
 */
export async function fillOnce(run: Run, folder: string, fill: (fresh: string) => Promise<unknown>): Promise<string> {
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  run.owns(fresh);
  await mkdir(dirname(folder), { recursive: true });
  await fill(fresh);
  await rename(fresh, folder).catch((error: unknown) => {
    if (!existsSync(folder)) throw error;
  });
  return folder;
}
