import { describe, expect, it } from 'vitest';
import { runClient } from './run-client.ts';
import { CLIENT_STEPS } from './step-results.ts';
import type { StepResult, Task } from './steps.ts';

const task: Task = { url: 'ws://x/ws', token: 't', roomId: 7, idleMs: 0, heartBeatMs: 1, answerMs: 1 };
const said =
  'process.stdout.write(JSON.stringify({ step: "connect", outcome: "ok", note: String(task.roomId) }) + "\\n");';
const reading = (program: string) =>
  `let text = ''; process.stdin.on('data', (part) => (text += part)); process.stdin.on('end', () => { const task = JSON.parse(text); ${program} });`;
const run = (program: string, onResult: (result: StepResult) => void = () => {}) =>
  runClient({ command: process.execPath, args: ['-e', program], env: {} }, task, onResult);

describe('the program of a client', () => {
  it('reads its task and tells of each step as it goes', async () => {
    const told: StepResult[] = [];
    const results = await run(reading(said), (result) => told.push(result));
    expect(told).toEqual([{ step: 'connect', outcome: 'ok', note: '7' }]);
    expect(results.map(({ step }) => step)).toEqual(CLIENT_STEPS);
    expect(results[0]).toEqual(told[0]);
  });

  it('fails in all that it has not told, with how it ended and what it complained of', async () => {
    const results = await run(reading(`${said} console.error('out of luck'); process.exitCode = 3;`));
    expect(results[1]).toEqual({
      step: 'subscribe',
      outcome: 'failed',
      note: 'the program ended (exit code 3) without a word on it: out of luck',
    });
  });

  it('fails where it cannot be started', async () => {
    const results = await runClient({ command: '/no/such/program', args: [], env: {} }, task, () => {});
    expect(results[0]).toMatchObject({ outcome: 'failed', note: expect.stringContaining('ENOENT') });
  });
});
