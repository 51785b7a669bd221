import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface CachedFolder {
  readonly cacheDir: string;
  readonly name: string;
  /** Files that the content is made from: another content, another folder. */
  readonly madeFrom: readonly string[];
}

/**
 * A folder that is filled once. It appears by rename, so what is half done is never taken for whole, and two runs at once
 * do no harm.
 */
export async function cachedFolder(
  { cacheDir, name, madeFrom }: CachedFolder,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheDir, `${name}-${await hashOf(madeFrom)}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheDir, { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await fill(fresh);
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 8);
}
