import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder with the logs of all chats of this run. */
    logFolder: string;
  }
}

/** The folder for the logs of one run, until it has ended. */
export interface RunLogs {
  readonly folder: string;
  /** At the end of the run: says where the logs are where a test has failed; otherwise they go. */
  readonly close: () => void;
}

/** One line of an app's output and where it stands. */
export interface LogLine {
  readonly file: string;
  readonly text: string;
}

/** A folder for the logs of every chat of one run. */
export function makeLogFolder(): string {
  return mkdtempSync(join(tmpdir(), 'chat-e2e-'));
}

/** Makes the folder of a run and tells its specs. */
export function openRunLogs(project: TestProject): RunLogs {
  const folder = makeLogFolder();
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  project.provide('logFolder', folder);
  const close = () => {
    if (project.vitest.state.getCountOfFailedTests() === 0) return;
    process.off('exit', remove);
    console.log(`The logs of the apps are in ${folder}`);
  };
  return { folder, close };
}

/** Beside the logs of a chat: passwords of its own that none of them may hold, one a line. */
const SECRETS_FILE = 'secrets.txt';

/** Notes a password that only this chat has, so that all logs are searched for it in the end. */
export function noteSecret(logDir: string, secret: string): void {
  appendFileSync(join(logDir, SECRETS_FILE), `${secret}\n`);
}

/** All that were noted below the folder. */
export function readSecrets(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith(SECRETS_FILE),
  );
  return files.flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'));
}

/** Every line of every log below the folder. */
export function readLogs(folder: string): readonly LogLine[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.log'));
  return files.flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => ({ file, text })),
  );
}
