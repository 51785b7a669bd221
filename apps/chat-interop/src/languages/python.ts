import { join } from 'node:path';
import { cachedFolder } from './cached-folder.ts';
import type { Language } from './language.ts';
import { runTool } from './run-tool.ts';

const PYTHON = 'python3';

/** A virtual environment with what requirements.txt pins. Its own scripts do not survive the move into place; `python` does. */
export const PYTHON_3: Language = {
  name: 'Python',
  programs: [PYTHON],
  versionCommand: [PYTHON, '--version'],
  prepare: async ({ projectDir, cacheDir }) => {
    const requirements = join(projectDir, 'clients/python/requirements.txt');
    const folder = await cachedFolder({ cacheDir, name: 'interop-python', madeFrom: [requirements] }, async (fresh) => {
      await runTool(PYTHON, ['-m', 'venv', fresh]);
      await runTool(pythonOf(fresh), ['-m', 'pip', 'install', '--quiet', '--no-input', '-r', requirements]);
    });
    return {
      command: pythonOf(folder),
      args: [join(projectDir, 'clients/python/client.py')],
      env: { PYTHONDONTWRITEBYTECODE: '1' },
    };
  },
};

function pythonOf(folder: string): string {
  return join(folder, 'bin/python');
}
