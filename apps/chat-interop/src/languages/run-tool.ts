import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A download over a slow line, in ms. */
const TOOL_DEADLINE_MS = 8 * 60_000;
const OUTPUT_BYTES = 16 * 1024 ** 2;
const TAIL_LINES = 25;

/** Runs a tool to its end and answers its output; throws with the end of it when it fails or takes too long. */
export async function runTool(
  command: string,
  args: readonly string[],
  { env = {}, cwd }: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<string> {
  const options = {
    env: { ...process.env, ...env },
    timeout: TOOL_DEADLINE_MS,
    maxBuffer: OUTPUT_BYTES,
    ...(cwd !== undefined && { cwd }),
  };
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, options);
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }; // of execFile
    const tail = `${stdout}${stderr}`.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
    throw new Error(`${command} ${args.join(' ')} failed:\n${tail === '' ? message : tail}`, { cause: error });
  }
}
