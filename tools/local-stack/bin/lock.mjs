import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

// Runs on the system's Node before anything is installed: no dependencies, no TypeScript.

/**
 * Takes a lock file, which holds `{pid, startedAt}` of its owner. A lock whose owner is gone is taken over.
 *
 * @param {string} file
 * @returns {{release: () => void} | {owner: {pid: number}}} the lock, or who has it
 */
export function tryLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  const content = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid), id: randomUUID() });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    if (createExclusively(file, content)) return { release: () => removeIfStill(file, content) };
    const found = readOrNull(file);
    if (found === null) continue;
    const owner = parseOwner(found);
    if (owner !== null && isAlive(owner)) return { owner };
    removeIfStill(file, found);
  }
  throw new Error(`The lock ${file} could be neither taken nor read`);
}

/**
 * Waits for the lock.
 *
 * @param {string} file
 * @param {{deadlineMs: number, onWait: (owner: {pid: number}) => void}} options `onWait` is called once
 * @returns {Promise<{release: () => void}>} rejects when the deadline is over
 */
export async function lock(file, { deadlineMs, onWait }) {
  const endsAt = Date.now() + deadlineMs;
  let hasTold = false;
  for (;;) {
    const result = tryLock(file);
    if ('release' in result) return result;
    if (!hasTold) onWait(result.owner);
    hasTold = true;
    if (Date.now() > endsAt) throw new Error(`Process ${result.owner.pid} has held ${file} for too long`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Appears with its content or not at all: a reader never sees an empty lock. */
function createExclusively(file, content) {
  const fresh = `${file}.${randomUUID()}`;
  writeFileSync(fresh, content);
  try {
    linkSync(fresh, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Removes the lock if it is still the one with this content; one that was taken meanwhile is put back. */
function removeIfStill(file, content) {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readOrNull(aside) !== content) {
    try {
      linkSync(aside, file);
    } catch {
      // a third one has it by now
    }
  }
  rmSync(aside, { force: true });
}

function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parseOwner(text) {
  try {
    const { pid, startedAt } = JSON.parse(text);
    return Number.isInteger(pid) && pid > 0 ? { pid, startedAt } : null;
  } catch {
    return null;
  }
}

function isAlive({ pid, startedAt }) {
  const now = startOf(pid);
  return now !== null && now === startedAt;
}

/** Text that tells a process from a later one with the same number; null when there is none. */
function startOf(pid) {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return null;
  }
}
