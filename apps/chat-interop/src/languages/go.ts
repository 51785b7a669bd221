import { join } from 'node:path';
import type { Language } from './language.ts';
import { runTool } from './run-tool.ts';

/** Go itself knows what is built already. */
export const GO: Language = {
  name: 'Go',
  programs: ['go'],
  versionCommand: ['go', 'version'],
  prepare: async ({ projectDir, cacheDir }) => {
    const folder = join(cacheDir, 'interop-go');
    const program = join(folder, 'client');
    const env = {
      GOMODCACHE: join(folder, 'mod'),
      GOCACHE: join(folder, 'build'),
      // Else the folder cannot be deleted by those who made it.
      GOFLAGS: `${process.env['GOFLAGS'] ?? ''} -modcacherw`.trim(),
    };
    await runTool('go', ['build', '-o', program, '.'], { cwd: join(projectDir, 'clients/go'), env });
    return { command: program, args: [], env: {} };
  },
};
