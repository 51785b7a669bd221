import { join } from 'node:path';
import { cachedFolder } from './cached-folder.ts';
import type { ClientProgram, Language } from './language.ts';
import { runTool } from './run-tool.ts';

const PYTHON = 'python3';

/** In a virtual environment. */
export const PYTHON_3: Language = {
  name: 'Python',
  programs: [PYTHON],
  versionCommand: [PYTHON, '--version'],
  prepare: ({ projectDir, cacheDir }) =>
    pythonProgram({
      folder: join(projectDir, 'clients/python'),
      cache: { cacheDir, name: 'interop-python' },
      script: 'client.py',
    }),
};

export interface PythonProject {
  /** Where its requirements.txt and the script are. */
  readonly folder: string;
  readonly cache: { readonly cacheDir: string; readonly name: string };
  readonly script: string;
}

/** A virtual environment with what requirements.txt pins. Its own scripts do not survive the move into place; `python` does. */
export async function pythonProgram({ folder, cache, script }: PythonProject): Promise<ClientProgram> {
  const requirements = join(folder, 'requirements.txt');
  const environment = await cachedFolder({ ...cache, madeFrom: [requirements] }, async (fresh) => {
    await runTool(PYTHON, ['-m', 'venv', fresh]);
    await runTool(pythonOf(fresh), ['-m', 'pip', 'install', '--quiet', '--no-input', '-r', requirements]);
  });
  return { command: pythonOf(environment), args: [join(folder, script)], env: { PYTHONDONTWRITEBYTECODE: '1' } };
}

function pythonOf(folder: string): string {
  return join(folder, 'bin/python');
}
