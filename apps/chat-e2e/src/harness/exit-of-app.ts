import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { scriptOf } from './app-instances.ts';

/** Longest run of an app that is to end by itself, in ms. */
const DEADLINE_MS = 20_000;

/** How an app ends that is started with an environment it cannot go on with; the code is null where it went on all the same. */
export async function exitOfApp(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const started = promisify(execFile)(process.execPath, [scriptOf(name)], {
    ...{ env: { PATH: process.env['PATH'], ...env }, timeout: DEADLINE_MS },
  });
  return started.then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: { code: number | null; stderr: string }) => ({ code, stderr }), // of execFile
  );
}
