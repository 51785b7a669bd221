import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identify, isGroupRunning } from '../processes/process-identity.ts';
import { Run } from '../processes/run.ts';
import { waitUntil } from '../wait.ts';
import { RestartBudget } from './restart-budget.ts';
import { SupervisedApp } from './supervised-app.ts';

const DEADLINE = { deadlineMs: 15_000 };
const LIVES = 'setInterval(() => {}, 1000)';

let folder: string;
let run: Run;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chat-app-'));
  run = new Run({ runsDir: join(folder, 'runs'), env: process.env });
  said = [];
});
afterEach(async () => {
  await run.close();
  rmSync(folder, { recursive: true, force: true });
});

function supervise(script: string, maxPerWindow = 5) {
  const pids: number[] = [];
  const app: SupervisedApp = new SupervisedApp({
    name: 'ws-gateway-1',
    spawn: () =>
      run.spawn({
        name: 'ws-gateway-1',
        command: process.execPath,
        args: ['-e', script],
        logFile: join(folder, 'log'),
      }),
    isReady: async () => true,
    onRestart: () => pids.push(app.pid),
    say: (line) => said.push(line),
    budget: new RestartBudget({ maxPerWindow, windowMs: 60_000, firstDelayMs: 1 }),
    now: () => 0,
  });
  return { app, pids };
}

describe('SupervisedApp', () => {
  it('starts an app again that was killed, says so in one line and names the new process', async () => {
    const { app, pids } = supervise(LIVES);
    await app.start();
    const first = app.pid;
    process.kill(first, 'SIGKILL');
    await waitUntil(async () => pids.length === 1, DEADLINE);
    expect(pids).toEqual([app.pid]);
    expect(app.pid).not.toBe(first);
    expect(identify(app.pid)).not.toBeNull();
    expect(said).toEqual([`ws-gateway-1 ended (SIGKILL) and is started again as process ${app.pid}`]);
    await app.stop();
  });

  it('starts an app again that ended by itself, also with status 0', async () => {
    const { app, pids } = supervise('setTimeout(() => {}, 200)');
    await app.start();
    await waitUntil(async () => pids.length > 0, DEADLINE);
    await app.stop();
    expect(said[0]).toMatch(/^ws-gateway-1 ended \(exit code 0\) and is started again/);
  });

  it('says that it gives up when the budget of restarts is used up', async () => {
    const { app } = supervise(LIVES, 1);
    await app.start();
    for (const restarts of [1, 2]) {
      process.kill(app.pid, 'SIGKILL');
      await waitUntil(async () => said.length === restarts, DEADLINE);
    }
    expect(said[1]).toBe('ws-gateway-1 ended (SIGKILL) after 1 restarts in a minute: giving up on it for 61 s');
    await app.stop();
    expect(said).toHaveLength(2);
  });

  it('does not start an app again that it stopped', async () => {
    const { app, pids } = supervise(LIVES);
    await app.start();
    await app.stop();
    expect(isGroupRunning(app.pid)).toBe(false);
    expect([pids, said]).toEqual([[], []]);
  });

  it('starts an app again that it was told to kill', async () => {
    const { app, pids } = supervise(LIVES);
    await app.start();
    app.kill();
    await waitUntil(async () => pids.length === 1, DEADLINE);
    expect(said).toEqual([`ws-gateway-1 ended (SIGKILL) and is started again as process ${app.pid}`]);
    await app.stop();
  });

  it('keeps an app down that is suspended, until it is resumed, which costs no restart of its budget', async () => {
    const { app, pids } = supervise(LIVES, 0);
    await app.start();
    const first = app.pid;
    await app.suspend();
    await waitUntil(async () => said.length === 1, DEADLINE);
    expect([isGroupRunning(first), app.isRunning, app.isSuspended, pids]).toEqual([false, false, true, []]);
    expect(said).toEqual(['ws-gateway-1 ended (SIGTERM) and stays so until it is asked for']);
    app.resume();
    await waitUntil(async () => pids.length === 1, DEADLINE);
    expect([app.isRunning, app.isSuspended]).toEqual([true, false]);
    await app.stop();
  });

  it('ends a suspended app for good, and one that is suspended while it waits to be started again', async () => {
    const { app, pids } = supervise(LIVES);
    await app.start();
    await app.suspend();
    await app.stop();
    const waiting = supervise(LIVES, 0).app; // the budget makes it wait a minute
    await waiting.start();
    waiting.kill();
    await waitUntil(async () => said.some((line) => line.includes('giving up')), DEADLINE);
    await waiting.suspend();
    await waiting.stop();
    expect([isGroupRunning(app.pid), isGroupRunning(waiting.pid), pids]).toEqual([false, false, []]);
  });

  it('fails the start of an app that ends before it is ready', async () => {
    const app = new SupervisedApp({
      name: 'rooms-api',
      spawn: () =>
        run.spawn({
          name: 'rooms-api',
          command: process.execPath,
          args: ['-e', "console.error('JWT_SECRET is required'); process.exit(78)"],
          logFile: join(folder, 'log'),
        }),
      isReady: async () => false,
      onRestart: () => undefined,
      say: (line) => said.push(line),
    });
    await expect(app.start()).rejects.toThrow(/rooms-api ended at its start \(exit code 78\).*JWT_SECRET is required/s);
    expect(said).toEqual([]);
  });
});
