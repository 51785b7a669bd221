import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const COMPILE_DEADLINE_MS = 60_000;

/** Compiles a C file of `native` into `.local/bench`, and answers the path of the program. */
export async function compileNative(rootDir: string, name: 'swarm' | 'writer'): Promise<string> {
  const folder = join(rootDir, '.local/bench');
  const [source, program] = [join(import.meta.dirname, `../native/${name}.c`), join(folder, name)];
  await mkdir(folder, { recursive: true });
  try {
    await promisify(execFile)('cc', ['-O2', '-Wall', '-Wextra', '-o', program, source], {
      timeout: COMPILE_DEADLINE_MS,
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new Error('this bench needs a C compiler: there is no `cc` on the PATH', { cause });
  }
  return program;
}
