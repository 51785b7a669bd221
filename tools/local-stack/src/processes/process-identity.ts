import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * A process that cannot be mistaken for a later one with the same number: `startedAt` is opaque text that only this
 * process has.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** The identity of a running process, or null when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | null {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid);
  return startedAt === null ? null : { pid, startedAt };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** Sends a signal to a process group; false when it no longer exists or is not ours. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Sends a signal to a process and all below it, groups and sessions of their own included. Those that it starts meanwhile
 * are reached where the signal stops it.
 */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  const before = descendantsOf(pid);
  for (const one of [pid, ...before]) signalProcess(one, signal);
  for (const one of descendantsOf(pid)) if (!before.includes(one)) signalProcess(one, signal);
}

/** Sends a signal to one process; one that has ended meanwhile is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has ended
  }
}

/** Whether a group has a process that has not ended; zombies, which nobody may ever reap in a container, count as ended. */
export function isGroupRunning(pid: number): boolean {
  try {
    process.kill(-pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || listPids().some((member) => readStat(member)?.group === pid);
}

/** Processes of this machine whose environment has `text`, on Linux; elsewhere none. Ours only, unless we are root. */
export function findByEnvironment(text: string): number[] {
  if (process.platform !== 'linux') return [];
  return listPids().filter((pid) => {
    try {
      return pid !== process.pid && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

function descendantsOf(pid: number): number[] {
  const parents = process.platform === 'linux' ? parentsOnLinux() : parentsElsewhere();
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found.slice(1);
}

function parentsOnLinux(): [number, number][] {
  return listPids().flatMap((pid): [number, number][] => {
    const stat = readStat(pid);
    return stat === null ? [] : [[pid, stat.parent]];
  });
}

function parentsElsewhere(): [number, number][] {
  const text = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8', timeout: 5_000 });
  return text
    .trim()
    .split('\n')
    .map((line): [number, number] => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      return [pid ?? 0, parent ?? 0];
    });
}

function listPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid));
}

interface Stat {
  readonly parent: number;
  readonly group: number;
  /** In ticks since boot. */
  readonly start: string;
}

/** /proc/<pid>/stat, whose fields follow the last parenthesis; null when the process has ended. */
function readStat(pid: number): Stat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parent, group] = fields;
    const start = fields[19];
    if (start === undefined || state === 'Z' || state === 'X') return null;
    return { parent: Number(parent), group: Number(group), start };
  } catch {
    return null;
  }
}

function startOnLinux(pid: number): string | null {
  const stat = readStat(pid);
  return stat && `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${stat.start}`;
}

function startElsewhere(pid: number): string | null {
  try {
    const text = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 });
    const started = text.trim();
    return started === '' || started.startsWith('Z') ? null : started.replace(/^\S+\s+/, '');
  } catch {
    return null;
  }
}
