import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One line of an app's output and where it stands. */
export interface LogLine {
  readonly file: string;
  readonly text: string;
}

/** A folder for the logs of every chat of one run. */
export function makeLogFolder(): string {
  return mkdtempSync(join(tmpdir(), 'chat-e2e-'));
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
