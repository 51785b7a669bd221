import { join } from 'node:path';
import type { Language } from './language.ts';

/** Installed with this repository, so there is nothing to prepare. */
export const JAVASCRIPT: Language = {
  name: 'Node',
  programs: [],
  versionCommand: [process.execPath, '--version'],
  prepare: async ({ projectDir }, client) => ({
    command: process.execPath,
    args: ['--conditions=@chat/source', join(projectDir, 'clients/javascript/main.ts'), client],
    env: {},
  }),
};
