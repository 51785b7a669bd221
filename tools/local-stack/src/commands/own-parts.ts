import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '../migrate.ts';
import { openParts } from '../parts/open-parts.ts';
import { throwawayContext } from '../parts/part.ts';
import { createDatabaseBeside, dropDatabase } from '../parts/postgres.ts';
import type { Run } from '../processes/run.ts';
import type { CommandContext } from './command.ts';

/** What names the parts in the environment of a program. */
export type PartsEnvironment = Readonly<Record<'DATABASE_URL' | 'REDIS_URL' | 'KAFKA_BROKERS', string>>;

export interface OwnParts {
  readonly env: PartsEnvironment;
  /** Exists; goes with the run. */
  readonly logDir: string;
}

/**
 * Parts of this run's own, with a migrated database that nobody is connected to: a template for the databases of tests and
 * benches, or that of apps. Folders and database are named after the purpose and this process, and go with the run.
 */
export async function openOwnParts(
  { config, say }: Pick<CommandContext, 'config' | 'say'>,
  run: Run,
  purpose: 'test' | 'bench' | 'interop' | 'examples' | 'alerts' | 'cloud' | 'image' | 'fuzz',
): Promise<OwnParts> {
  const context = throwawayContext({ run, folder: join(config.localDir, `${purpose}-${process.pid}`), config, say });
  mkdirSync(context.logDir, { recursive: true });
  const { postgres, redis, kafka } = await openParts(context, { ...config, external: config.testExternal });
  const databaseUrl = await createDatabaseBeside(postgres.url, `chat_${purpose}_${process.pid}`);
  if (postgres.source === 'environment') run.afterwards(() => dropDatabase(databaseUrl));
  await migrate(run, config.rootDir, databaseUrl);
  return { env: { DATABASE_URL: databaseUrl, REDIS_URL: redis.url, KAFKA_BROKERS: kafka.url }, logDir: context.logDir };
}
