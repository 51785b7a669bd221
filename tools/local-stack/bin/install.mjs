import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from './lock.mjs';

// Runs on the system's Node before anything is installed: no dependencies, no TypeScript.

/** Longest wait for another command that installs, in ms. */
const LOCK_DEADLINE_MS = 600_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Whether dependencies have to be installed.
 *
 * @param {object} state
 * @param {string} state.lockfile content of package-lock.json
 * @param {string | null} state.stamp hash of the lockfile that was installed last
 * @param {string | null} state.installed content of node_modules/.package-lock.json, which npm writes when it is done
 * @param {boolean} state.hasNode whether node_modules has the Node that everything else runs on
 * @returns {'fresh' | 'stamp' | 'install'} fresh: nothing to do; stamp: npm has installed just this, only the stamp is
 *   missing; install: run `npm ci`
 */
export function decideInstall({ lockfile, stamp, installed, hasNode }) {
  if (!hasNode || installed === null) return 'install';
  if (stamp === hashOf(lockfile)) return 'fresh';
  return holdsAll(JSON.parse(lockfile).packages, JSON.parse(installed).packages) ? 'stamp' : 'install';
}

export function hashOf(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** Whether every package of the lockfile that this system needs is installed in just that version. */
function holdsAll(wanted = {}, found = {}) {
  const paths = Object.keys(wanted).filter((path) => path.includes('node_modules/'));
  return paths.every((path) => isSame(wanted[path], found[path])) && Object.keys(found).every((path) => path in wanted);
}

function isSame(wanted, found) {
  if (found === undefined) return wanted.optional === true;
  return wanted.version === found.version && wanted.link === found.link;
}

/**
 * Installs the dependencies when they are not those of package-lock.json. Of two commands at once one installs and the
 * other waits.
 */
export async function ensureInstalled(rootDir) {
  if (decideInstall(readState(rootDir)) === 'fresh') return;
  const held = await lock(join(rootDir, '.local/install.lock'), {
    deadlineMs: LOCK_DEADLINE_MS,
    onWait: ({ pid }) => console.log(`Waiting for process ${pid}, which installs the dependencies`),
  });
  try {
    const decision = decideInstall(readState(rootDir));
    if (decision === 'install') await install(rootDir);
    if (decision !== 'fresh') writeFileSync(stampFile(rootDir), hashOf(readState(rootDir).lockfile));
  } finally {
    held.release();
  }
}

function readState(rootDir) {
  return {
    lockfile: readFileSync(join(rootDir, 'package-lock.json'), 'utf8'),
    stamp: readOrNull(stampFile(rootDir)),
    installed: readOrNull(join(rootDir, 'node_modules/.package-lock.json')),
    hasNode: existsSync(join(rootDir, 'node_modules/node/bin/node')),
  };
}

async function install(rootDir) {
  console.log('Installing the dependencies (npm ci)');
  const { code, signal } = await runToEnd('npm', ['ci', '--no-audit', '--no-fund'], rootDir);
  if (code !== 0) throw new Error(`npm ci failed (${signal ?? `exit code ${code}`})`);
  if (!readState(rootDir).hasNode) {
    throw new Error('npm ci did not install Node: are install scripts switched off (npm config get ignore-scripts)?');
  }
}

/** Passes signals on, so that nothing goes on installing when the command is stopped. */
function runToEnd(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  const passOn = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, passOn);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} could not be run: ${error.message}`)));
    child.once('exit', (code, signal) => {
      for (const name of SIGNALS) process.off(name, passOn);
      resolve({ code, signal });
    });
  });
}

function stampFile(rootDir) {
  return join(rootDir, 'node_modules/.install-stamp');
}

function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
