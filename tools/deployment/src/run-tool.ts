import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 50_000_000;

export interface ToolOptions {
  readonly deadlineMs: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program prints; throws with what it complained of, or with its name where it is missing. */
export async function runTool(program: string, args: readonly string[], options: ToolOptions): Promise<string> {
  const { deadlineMs, cwd, env = {} } = options;
  try {
    const { stdout } = await run(program, args, {
      ...(cwd !== undefined && { cwd }),
      env: { ...process.env, ...env },
      timeout: deadlineMs,
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return stdout;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ('code' in error && error.code === 'ENOENT')
      throw new Error(`${program} is needed and is not on PATH`, { cause: error });
    const output = ['stdout', 'stderr']
      .map((name) => (name in error ? String(error[name as keyof Error]) : ''))
      .join('\n');
    throw new Error(`${program} ${args.join(' ')} failed: ${output.trim() || error.message}`, { cause: error });
  }
}
