import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readIfExists, replaceFile } from '../files.ts';

/** `.local/stack.json`: where the running stack is. */
export interface StackFile {
  readonly restUrl: string;
  readonly internalUrl: string;
  readonly wsUrls: readonly string[];
  readonly jwtSecret: string;
  readonly kafkaBrokers: string;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  /** Of the apps and of the parts that were started here. */
  readonly pids: Readonly<Record<string, number>>;
  /** Internal address of each app, by the same names. */
  readonly internalUrls: Readonly<Record<string, string>>;
}

export function stackFilePath(localDir: string): string {
  return join(localDir, 'stack.json');
}

/** Readable by its owner alone, since it has the secret. */
export function writeStackFile(localDir: string, stack: StackFile): void {
  replaceFile(stackFilePath(localDir), `${JSON.stringify(stack, null, 2)}\n`, 0o600);
}

export function readStackFile(localDir: string): StackFile | null {
  const text = readIfExists(stackFilePath(localDir));
  return text === null ? null : (JSON.parse(text) as StackFile); // written by writeStackFile
}

export function removeStackFile(localDir: string): void {
  rmSync(stackFilePath(localDir), { force: true });
}
