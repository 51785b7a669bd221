import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { buildApp } from '../harness/build-app.ts';

const exec = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../../..');
const MIGRATIONS = 'libs/database/prisma/migrations';
const APPS = ['rooms-api', 'ws-gateway', 'presence-worker', 'message-persister'] as const;
/** Longest that one step of making the build may take, in ms: with other packages, npm installs them. */
const STEP_DEADLINE_MS = 10 * 60_000;

/** The apps of another commit, built from its own sources with its own packages. */
export interface PreviousBuild {
  readonly commit: string;
  readonly rootDir: string;
  /** Those topics of a layout that its apps know; they refuse others. */
  knownOf(topicLayout: string): string;
  /** The built file of each app. */
  readonly scripts: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** The newest release; where none is tagged, what was there before the newest migration. */
export async function previousRef(): Promise<string> {
  const tags = await git('tag', '--list', 'v*', '--sort=-v:refname', '--merged', 'HEAD');
  const [tag] = tags.split('\n');
  if (tag !== undefined && tag !== '') return tag;
  return `${await git('log', '-1', '--format=%H', '--diff-filter=A', '--', MIGRATIONS)}^`;
}

/** Checks the commit out beside this clone's files, into `folder`, and builds its apps there. */
export async function buildPrevious(ref: string, folder: string, say: (line: string) => void): Promise<PreviousBuild> {
  const commit = await git('rev-parse', '--verify', `${ref}^{commit}`);
  const rootDir = join(folder, 'previous');
  const remove = async () => {
    await git('worktree', 'remove', '--force', rootDir).catch(() => rmSync(rootDir, { recursive: true, force: true }));
    await git('worktree', 'prune');
  };
  try {
    say(`building ${await git('log', '-1', '--format=%h %s', commit)}`);
    await git('worktree', 'add', '--detach', '--force', rootDir, commit);
    await placePackages(rootDir, say);
    await exec(process.execPath, ['scripts/generate.mjs'], inFolder(join(rootDir, 'libs/database')));
    const scripts: Record<string, string> = {};
    for (const app of APPS) scripts[app] = await build(rootDir, app);
    const topics = readFileSync(join(rootDir, 'libs/kafka-contracts/src/topics.ts'), 'utf8');
    const isKnown = (entry: string) => topics.includes(`'${entry.split(':')[0]}': topic(`);
    const knownOf = (layout: string) => layout.split(',').filter(isKnown).join(',');
    return { commit, rootDir, scripts, knownOf, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function build(rootDir: string, app: string): Promise<string> {
  const outfile = join(rootDir, 'apps', app, 'dist/main.js');
  await buildApp({ rootDir, app, outfile });
  if (app === 'rooms-api') {
    for (const name of ['openapi.json', 'openapi-internal.json'])
      cpSync(join(rootDir, 'docs', name), join(outfile, '..', name));
  }
  return outfile;
}

/** The packages of this clone where both lock the same ones, which takes no time; else its own. Our libraries are its own. */
async function placePackages(rootDir: string, say: (line: string) => void): Promise<void> {
  if (!locksTheSame(rootDir)) {
    say('its packages are others: npm installs them');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await exec(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], inFolder(rootDir));
    return;
  }
  for (const folder of ['', ...workspaces(rootDir)]) linkPackages(join(ROOT, folder), join(rootDir, folder), rootDir);
}

/** Entry by entry, since those of `@chat` lead back into the tree that they belong to. */
function linkPackages(from: string, to: string, rootDir: string): void {
  const packages = join(from, 'node_modules');
  if (!existsSync(packages)) return;
  mkdirSync(join(to, 'node_modules/@chat'), { recursive: true });
  for (const name of readdirSync(packages)) {
    if (name !== '@chat' && name !== '.cache') symlinkSync(join(packages, name), join(to, 'node_modules', name));
  }
  for (const name of existsSync(join(packages, '@chat')) ? readdirSync(join(packages, '@chat')) : []) {
    const own = join(rootDir, relative(ROOT, realpathSync(join(packages, '@chat', name))));
    if (existsSync(own)) symlinkSync(own, join(to, 'node_modules/@chat', name));
  }
}

function workspaces(rootDir: string): readonly string[] {
  return ['apps', 'libs', 'tools'].flatMap((kind) => readdirSync(join(rootDir, kind)).map((name) => `${kind}/${name}`));
}

/** Whether every package from outside is of the same version in both. */
function locksTheSame(rootDir: string): boolean {
  const versionsIn = (folder: string) => {
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Readonly<Record<string, { version?: string; link?: boolean }>>;
    }; // as npm writes it
    const packages = Object.entries(lock.packages).filter(
      ([path, { link }]) => path.includes('node_modules/') && link !== true,
    );
    return new Map(packages.map(([path, { version }]) => [path, version]));
  };
  const [own, others] = [versionsIn(ROOT), versionsIn(rootDir)];
  return [...others].every(([path, version]) => own.get(path) === version);
}

async function git(...args: readonly string[]): Promise<string> {
  return (await exec('git', [...args], inFolder(ROOT))).stdout.trim();
}

function inFolder(cwd: string) {
  return { cwd, timeout: STEP_DEADLINE_MS, maxBuffer: 16 * 1_048_576 };
}
