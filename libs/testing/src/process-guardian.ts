import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** Ends processes that a spec started, should the spec's own process be gone before it did so. */
export interface ProcessGuardian {
  watch(pid: number): void;
  /** The process has ended by itself. */
  release(pid: number): void;
}

/** Reads `+pid` and `-pid` lines; when the pipe closes, however that came about, it kills what is left. */
const PROGRAM = `
  const pids = new Set();
  let rest = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text) => {
    const lines = (rest + text).split('\\n');
    rest = lines.pop();
    for (const line of lines) {
      if (line[0] === '+') pids.add(Number(line.slice(1)));
      else pids.delete(Number(line.slice(1)));
    }
  });
  process.stdin.on('close', () => {
    for (const pid of pids) {
      try { process.kill(pid, 'SIGKILL'); } catch {}
    }
  });
`;

let guardian: ProcessGuardian | null = null;

/**
 * The guardian of this process: a tiny process of its own in another process group, so that an interruption or a kill
 * of the spec's process leaves nothing running. It never keeps the spec's process alive.
 */
export function processGuardian(): ProcessGuardian {
  guardian ??= startGuardian();
  return guardian;
}

function startGuardian(): ProcessGuardian {
  const child = spawn(process.execPath, ['-e', PROGRAM], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  const { stdin } = child;
  if (stdin instanceof Socket) stdin.unref();
  stdin.on('error', () => {}); // without its guardian a spec still ends what it started
  return {
    watch: (pid) => void stdin.write(`+${pid}\n`),
    release: (pid) => void stdin.write(`-${pid}\n`),
  };
}
