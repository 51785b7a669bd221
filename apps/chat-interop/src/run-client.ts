import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ClientProgram } from './languages/language.ts';
import { completed, parseStepResult } from './step-results.ts';
import type { StepResult, Task } from './steps.ts';

/** All that is not idleness, in ms: every answer may take its time, and a machine may be busy. */
const WORK_DEADLINE_MS = 3 * 60_000;
/** Of what a program says on its standard error, in characters. */
const COMPLAINT_CHARACTERS = 400;

/**
 * Runs the program of a client to its end, and answers how each step went; steps that it leaves out have failed. Calls
 * `onResult` as they come.
 */
export async function runClient(
  { command, args, env }: ClientProgram,
  task: Task,
  onResult: (result: StepResult) => void,
): Promise<readonly StepResult[]> {
  const deadlineMs = task.idleMs + WORK_DEADLINE_MS;
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    resolve(`the program had not ended after ${deadlineMs / 1000} s`);
  }, deadlineMs);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk).slice(-COMPLAINT_CHARACTERS)));
  child.stdin.on('error', () => undefined); // it ended before it read its task, which its end tells
  child.stdin.end(JSON.stringify(task));
  child.once('error', (error) => resolve(error.message));
  child.once('close', (code, signal) => resolve(`the program ended (${signal ?? `exit code ${code}`})`));

  const results: StepResult[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const result = parseStepResult(line);
    if (result === null) return;
    results.push(result);
    onResult(result);
  });
  const end = await ended;
  clearTimeout(timer);
  return completed(results, `${end} without a word on it${complaint === '' ? '' : `: ${complaint.trim()}`}`);
}
