import { constants } from 'node:fs';
import { access, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Run } from '../processes/run.ts';
import { StartError } from './part.ts';

/** A program that the system's package manager installs. */
export interface SystemProgram {
  readonly command: string;
  /** Debian packages of which the first known one is installed. */
  readonly aptPackages: readonly string[];
  readonly brewPackage: string;
  readonly dnfPackage: string;
}

export const REDIS_SERVER: SystemProgram = {
  command: 'redis-server',
  aptPackages: ['redis-server'],
  brewPackage: 'redis',
  dnfPackage: 'redis',
};
export const JAVA: SystemProgram = {
  command: 'java',
  aptPackages: ['openjdk-17-jre-headless', 'openjdk-21-jre-headless', 'default-jre-headless'],
  brewPackage: 'openjdk@21',
  dnfPackage: 'java-21-openjdk-headless',
};
/** The compiler, and with it `java`. */
export const JAVAC: SystemProgram = {
  command: 'javac',
  aptPackages: ['openjdk-17-jdk-headless', 'openjdk-21-jdk-headless', 'default-jdk-headless'],
  brewPackage: 'openjdk@21',
  dnfPackage: 'java-21-openjdk-devel',
};
export const MAVEN: SystemProgram = {
  command: 'mvn',
  aptPackages: ['maven'],
  brewPackage: 'maven',
  dnfPackage: 'maven',
};

/** What makes certificates for parts that speak TLS. */
export const OPENSSL: SystemProgram = {
  command: 'openssl',
  aptPackages: ['openssl'],
  brewPackage: 'openssl',
  dnfPackage: 'openssl',
};

/** Brings promtool with it. */
export const PROMETHEUS: SystemProgram = {
  command: 'prometheus',
  aptPackages: ['prometheus'],
  brewPackage: 'prometheus',
  dnfPackage: 'golang-github-prometheus',
};

/** What passes signals on in the image. */
export const TINI: SystemProgram = {
  command: 'tini',
  aptPackages: ['tini'],
  brewPackage: 'tini',
  dnfPackage: 'tini',
};

/** The proxy of the compose file's profile scale. */
export const HAPROXY: SystemProgram = {
  command: 'haproxy',
  aptPackages: ['haproxy'],
  brewPackage: 'haproxy',
  dnfPackage: 'haproxy',
};

/** With its virtual environments. */
export const PYTHON: SystemProgram = {
  command: 'python3',
  aptPackages: ['python3-venv'],
  brewPackage: 'python',
  dnfPackage: 'python3',
};

/** The browser in which the playground is tested. */
export const CHROMIUM: SystemProgram = {
  command: 'chromium',
  aptPackages: ['chromium', 'chromium-browser'],
  brewPackage: '--cask chromium',
  dnfPackage: 'chromium',
};

const INSTALL_DEADLINE_MS = 300_000;
const POLICY_FILE = '/usr/sbin/policy-rc.d';

export interface ProgramFinder {
  readonly run: Run;
  readonly path: string;
  readonly isRoot: boolean;
  readonly say: (line: string) => void;
}

/**
 * Paths of the programs, by their commands. As root on a system with apt a missing one is installed, without starting
 * services; elsewhere one StartError names every missing one with the command that installs it.
 */
export async function findOrInstall(
  programs: readonly SystemProgram[],
  finder: ProgramFinder,
): Promise<ReadonlyMap<string, string>> {
  const manager = await packageManager(finder.path);
  const found = new Map<string, string>();
  const problems: string[] = [];
  for (const program of programs) {
    const find = () => findOnPath(program.command, finder.path);
    const isInstallable = manager === 'apt' && finder.isRoot;
    if (isInstallable && (await find()) === null) await installWithApt(program, finder);
    const file = await find();
    if (file === null) problems.push(missing(program, manager, await aptPackageOf(program, manager, finder.run)));
    else found.set(program.command, file);
  }
  if (problems.length > 0) throw new StartError(problems.join('\n'));
  return found;
}

async function findOnPath(command: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, command);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return null;
}

type PackageManager = 'apt' | 'brew' | 'dnf' | 'none';

async function packageManager(path: string): Promise<PackageManager> {
  for (const [command, manager] of [
    ['apt-get', 'apt'],
    ['brew', 'brew'],
    ['dnf', 'dnf'],
  ] as const) {
    if ((await findOnPath(command, path)) !== null) return manager;
  }
  return 'none';
}

/** The sentence that says which command installs a program. */
export function missing(program: SystemProgram, manager: PackageManager, aptPackage = program.aptPackages[0]): string {
  const commands = {
    apt: `sudo apt-get update && sudo apt-get install -y ${aptPackage}`,
    brew: `brew install ${program.brewPackage}`,
    dnf: `sudo dnf install -y ${program.dnfPackage}`,
    none: null,
  };
  const command = commands[manager];
  return command === null
    ? `${program.command} is not on PATH: install it (on Debian: ${commands.apt})`
    : `${program.command} is not on PATH. Install it with:\n    ${command}`;
}

async function installWithApt(program: SystemProgram, { run, say }: ProgramFinder): Promise<void> {
  const apt = (name: string, args: readonly string[]) =>
    run.exec({
      name,
      command: 'apt-get',
      args: ['-o', 'DPkg::Lock::Timeout=120', '-q', ...args],
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      deadlineMs: INSTALL_DEADLINE_MS,
    });
  await apt('apt-get update', ['update']);
  const chosen = (await aptPackageOf(program, 'apt', run)) ?? program.command;
  say(`${program.command} is missing: installing the system package ${chosen} (apt-get install)`);
  const allowServices = await forbidServices();
  try {
    await apt(`apt-get install ${chosen}`, ['install', '-y', '--no-install-recommends', chosen]);
  } finally {
    await allowServices();
  }
}

/** The first package of a program that apt knows; the first of all where it knows none. */
async function aptPackageOf({ aptPackages }: SystemProgram, manager: PackageManager, run: Run) {
  if (manager !== 'apt') return undefined;
  for (const name of aptPackages) {
    const args = ['policy', name];
    const policy = await run
      .exec({ name: 'apt-cache', command: 'apt-cache', args, deadlineMs: 30_000 })
      .catch(() => '');
    if (/Candidate: (?!\(none\))/.test(policy)) return name;
  }
  return aptPackages[0];
}

/**
 * Keeps the package's own service from starting on the port that the user may want: Debian asks this file, and 101
 * forbids. A file that is already there is the administrator's decision and stays.
 */
async function forbidServices(): Promise<() => Promise<void>> {
  try {
    await writeFile(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
  } catch {
    return async () => undefined;
  }
  return () => rm(POLICY_FILE, { force: true });
}
