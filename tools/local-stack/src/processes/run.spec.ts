import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntilReady } from '../parts/part.ts';
import { waitUntil } from '../wait.ts';
import { identify, isGroupRunning } from './process-identity.ts';
import { endLeftovers, readLedger } from './run-ledger.ts';
import { Run } from './run.ts';

const DEADLINE = { deadlineMs: 15_000 };
const SLEEPS = 'setInterval(() => {}, 1000)';
/** Says when it is there, since a signal before that would just end it. */
const IGNORES_SIGTERM = `process.on('SIGTERM', () => console.log('not yet')); console.log('up'); ${SLEEPS}`;

let folder: string;
let run: Run;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chat-run-'));
  run = new Run({ runsDir: join(folder, 'runs'), env: process.env });
});
afterEach(async () => {
  await run.close();
  rmSync(folder, { recursive: true, force: true });
});

const node = (name: string, script: string, more: { stopGraceMs?: number; env?: NodeJS.ProcessEnv } = {}) =>
  run.spawn({
    name,
    command: process.execPath,
    args: ['-e', script],
    logFile: join(folder, `${name}.log`),
    ...more,
  });
const logHas = (name: string, text: string) =>
  waitUntil(async () => readFileSync(join(folder, `${name}.log`), 'utf8').includes(text), DEADLINE);

describe('a process of a run', () => {
  it('has a process group of its own, so that Ctrl-C does not reach it', async () => {
    const child = node('app', SLEEPS);
    expect(isGroupRunning(child.pid)).toBe(true);
    await child.stop();
    expect(isGroupRunning(child.pid)).toBe(false);
    expect(child.end?.signal).toBe('SIGTERM');
  });

  it('finds the mark of the run in its environment', async () => {
    const child = node('app', 'console.log(process.env.CHAT_RUN_IDS)');
    await child.ended;
    expect(child.logTail().split(',').at(-1)).toBe(run.id);
  });

  it('is killed when it does not stop within its grace', async () => {
    const child = node('app', IGNORES_SIGTERM, { stopGraceMs: 200 });
    await logHas('app', 'up');
    await child.stop();
    expect(child.end?.signal).toBe('SIGKILL');
    expect(child.logTail()).toContain('not yet');
  });

  it('takes the processes of its group with it', async () => {
    const script = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(SLEEPS)}]); console.log('up'); ${SLEEPS}`;
    const child = node('app', script);
    await logHas('app', 'up');
    await child.stop();
    expect(isGroupRunning(child.pid)).toBe(false);
  });

  it('that cannot be started says why', async () => {
    const child = run.spawn({ name: 'nothing', command: join(folder, 'nothing'), args: [] });
    expect((await child.ended).error?.message).toContain('ENOENT');
    await child.stop();
  });
});

describe('waitUntilReady', () => {
  it('fails at once when the process ends at its start, and shows the end of its log', async () => {
    const child = node('kafka', "console.error('the port is in use'); process.exit(3)");
    await expect(waitUntilReady(child, async () => false, 60_000)).rejects.toThrow(
      /^kafka ended at its start \(exit code 3\).*\n {4}the port is in use$/s,
    );
  });

  it('fails at its deadline, and shows the end of the log', async () => {
    const child = node('redis', `console.log('loading'); ${SLEEPS}`);
    await logHas('redis', 'loading');
    await expect(waitUntilReady(child, async () => false, 100)).rejects.toThrow(
      /^redis is not ready after 0.1 s.*\n {4}loading$/s,
    );
  });
});

describe('Run.exec', () => {
  const exec = (script: string, deadlineMs = 15_000) =>
    run.exec({ name: 'task', command: process.execPath, args: ['-e', script], deadlineMs });

  it('answers with the output', async () => {
    expect(await exec("console.log('done')")).toBe('done\n');
  });

  it('fails with the end of the output', async () => {
    await expect(exec("console.log('no such table'); process.exit(2)")).rejects.toThrow(
      'task failed (exit code 2):\nno such table',
    );
  });

  it('stops what takes too long', async () => {
    await expect(exec(SLEEPS, 200)).rejects.toThrow('task failed (took longer than 0.2 s)');
  });
});

describe('Run.close', () => {
  it('ends every process, then deletes the files of the run and its ledger', async () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    run.owns(data);
    const children = [node('one', SLEEPS), node('two', SLEEPS)];
    await run.close();
    expect(children.map(({ pid }) => isGroupRunning(pid))).toEqual([false, false]);
    expect(existsSync(data)).toBe(false);
    expect(readdirSync(join(folder, 'runs'))).toEqual([]);
  });

  it.runIf(process.platform === 'linux')(
    'ends processes that have left their group, by the mark in their environment',
    async () => {
      const script = `const { pid } = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(SLEEPS)}], { detached: true, stdio: 'ignore' }); console.log('pid ' + pid)`;
      const child = node('app', `${script}; ${SLEEPS}`);
      await logHas('app', 'pid');
      const stray = Number(/\d+/.exec(child.logTail())?.[0]);
      expect(identify(stray)).not.toBeNull();
      await run.close();
      expect(identify(stray)).toBeNull();
    },
  );

  it('asks those first who would start its processes again', async () => {
    const child = node('app', SLEEPS);
    const seen: boolean[] = [];
    run.beforehand(async () => void seen.push(isGroupRunning(child.pid)));
    await run.close();
    expect([...seen, isGroupRunning(child.pid)]).toEqual([true, false]);
  });

  it('lets nothing be started afterwards', async () => {
    await run.close();
    expect(() => node('late', SLEEPS)).toThrow('late is not started: the run is ending');
  });
});

/** A supervisor that starts one app, says its pid and waits to be killed. */
const SUPERVISOR = `
  const { Run } = await import(process.argv[1]);
  const run = new Run({ runsDir: process.argv[2], env: process.env });
  run.owns(process.argv[3]);
  console.log(run.spawn({ name: 'app', command: process.execPath, args: ['-e', ${JSON.stringify(SLEEPS)}] }).pid);
`;

async function startSupervisor(runsDir: string, data: string) {
  const args = ['--input-type=module', '-e', SUPERVISOR, join(import.meta.dirname, 'run.ts'), runsDir, data];
  const supervisor = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(supervisor.stdout, 'data');
  return { supervisor, appPid: Number(String(line)) };
}

describe('a supervisor that is killed', () => {
  it('leaves nothing behind: its guardian ends the processes and deletes the files', async () => {
    const [runsDir, data] = [join(folder, 'killed'), join(folder, 'data')];
    mkdirSync(data);
    const { supervisor, appPid } = await startSupervisor(runsDir, data);
    supervisor.kill('SIGKILL');
    expect(await waitUntil(async () => identify(appPid) === null && readdirSync(runsDir).length === 0, DEADLINE)).toBe(
      true,
    );
    expect(existsSync(data)).toBe(false);
  });

  it.runIf(process.platform === 'linux')(
    'whose guardian was killed too is cleaned up after by the next run',
    async () => {
      const [runsDir, data] = [join(folder, 'killed'), join(folder, 'data')];
      const { supervisor, appPid } = await startSupervisor(runsDir, data);
      for (const pid of await guardiansOf(supervisor.pid ?? 0)) process.kill(pid, 'SIGKILL');
      supervisor.kill('SIGKILL');
      await once(supervisor, 'exit');
      expect(await endLeftovers(runsDir)).toEqual(['app']);
      expect(identify(appPid)).toBeNull();
      expect(readdirSync(runsDir)).toEqual([]);
    },
  );
});

describe('endLeftovers', () => {
  it('leaves a run alone whose supervisor lives', async () => {
    const child = node('app', SLEEPS);
    expect(await endLeftovers(join(folder, 'runs'))).toEqual([]);
    expect(child.end).toBeNull();
    expect(readLedger(join(folder, 'runs', `${process.pid}-${run.id}.json`))?.children).toHaveLength(1);
  });
});

/** Processes that run guardian.ts for the ledger of a supervisor. */
async function guardiansOf(pid: number): Promise<number[]> {
  const isGuardian = (candidate: string) => {
    try {
      return readFileSync(`/proc/${candidate}/cmdline`, 'utf8').includes(`/${pid}-`);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isGuardian(name))
    .map(Number);
}
