import { appNames } from '../apps/app-table.ts';
import type { Run } from '../processes/run.ts';
import type { CommandContext } from './command.ts';

const BUILD_DEADLINE_MS = 10 * 60_000;

/** Builds all apps, and what is generated for them. */
export async function buildApps({ config }: Pick<CommandContext, 'config'>, run: Run): Promise<void> {
  await run.exec({
    name: 'build of the apps',
    command: 'nx',
    args: ['run-many', '-t', 'generate', 'build', '-p', '@chat/database', ...appNames(), '--outputStyle=static'],
    cwd: config.rootDir,
    env: config.toolEnv,
    deadlineMs: BUILD_DEADLINE_MS,
  });
}
