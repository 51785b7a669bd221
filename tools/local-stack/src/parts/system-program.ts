import { constants } from 'node:fs';
import { access, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Run } from '../processes/run.ts';

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
export const MAVEN: SystemProgram = {
  command: 'mvn',
  aptPackages: ['maven'],
  brewPackage: 'maven',
  dnfPackage: 'maven',
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
 * Path of the program. As root on a system with apt a missing one is installed, without starting services; elsewhere
 * the error names the command that installs it.
 */
export async function findOrInstall(program: SystemProgram, finder: ProgramFinder): Promise<string> {
  const found = await findOnPath(program.command, finder.path);
  if (found !== null) return found;
  const hasApt = (await findOnPath('apt-get', finder.path)) !== null;
  if (!hasApt || !finder.isRoot) throw new Error(missing(program, await packageManager(finder.path)));
  await installWithApt(program, finder);
  const installed = await findOnPath(program.command, finder.path);
  if (installed === null) throw new Error(`${program.command} is still not on PATH after its installation`);
  return installed;
}

export async function findOnPath(command: string, path: string): Promise<string | null> {
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
export function missing(program: SystemProgram, manager: PackageManager): string {
  const commands = {
    apt: `sudo apt-get update && sudo apt-get install -y ${program.aptPackages[0]}`,
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
  const chosen = await firstKnown(program.aptPackages, run);
  say(`${program.command} is missing: installing the system package ${chosen} (apt-get install)`);
  const allowServices = await forbidServices();
  try {
    await apt(`apt-get install ${chosen}`, ['install', '-y', '--no-install-recommends', chosen]);
  } finally {
    await allowServices();
  }
}

async function firstKnown(packages: readonly string[], run: Run): Promise<string> {
  for (const name of packages) {
    const policy = await run.exec({
      name: 'apt-cache',
      command: 'apt-cache',
      args: ['policy', name],
      deadlineMs: 30_000,
    });
    if (/Candidate: (?!\(none\))/.test(policy)) return name;
  }
  throw new Error(`apt knows none of the packages ${packages.join(', ')}`);
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
