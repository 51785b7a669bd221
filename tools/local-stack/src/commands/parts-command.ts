import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tryLock } from '../../bin/lock.mjs';
import { readIfExists, replaceFile } from '../files.ts';
import { unlessInterrupted, whenInterrupted } from '../interruption.ts';
import { migrate } from '../migrate.ts';
import { openParts, type Parts } from '../parts/open-parts.ts';
import { recreateDatabase } from '../parts/postgres.ts';
import { Ports } from '../ports.ts';
import { endLeftovers } from '../processes/run-ledger.ts';
import { Run } from '../processes/run.ts';
import { UsageError, type CommandContext } from './command.ts';

/** `.local/parts.json`: where the parts of `npm run parts` are. */
export interface PartsFile {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly kafkaBrokers: string;
  readonly pids: Readonly<Record<string, number>>;
}

/**
 * `npm run parts [-- --fresh]`: Postgres with a migrated database, Redis and Kafka until Ctrl-C. While they run, the
 * same command migrates that database again (`--fresh`: makes it anew) and ends.
 */
export async function partsCommand({ config, args, interrupted, say }: CommandContext): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { fresh: { type: 'boolean', default: false } } });
  const { rootDir, localDir, cacheDir, env } = config;
  const partsFile = join(localDir, 'parts.json');
  const runsDir = join(localDir, 'runs');
  const dataDir = join(localDir, 'data/parts');
  const lock = tryLock(join(localDir, 'parts.lock'));
  const run = new Run({ runsDir, env });
  try {
    if ('owner' in lock) {
      const parts = readPartsFile(partsFile);
      if (parts === null) throw new UsageError(`The parts are just being started by process ${lock.owner.pid}`);
      await unlessInterrupted(renewDatabase(run, rootDir, parts, values.fresh), interrupted);
      say(`The parts run already (process ${lock.owner.pid}); their database is up to date.`);
      printExports(parts, say);
      return 0;
    }
    await endLeftovers(runsDir);
    rmSync(partsFile, { force: true });
    run.owns(partsFile);
    if (values.fresh) rmSync(dataDir, { recursive: true, force: true });
    const context = {
      run,
      ports: new Ports(),
      rootDir,
      cacheDir,
      dataDir,
      logDir: join(localDir, 'logs/parts'),
      isDurable: true,
      usesStandardPorts: true,
      say,
    };
    const parts = await unlessInterrupted(openParts(context, config), interrupted);
    await unlessInterrupted(migrate(run, rootDir, parts.postgres.url), interrupted);
    const content = describeParts(parts);
    replaceFile(partsFile, `${JSON.stringify(content, null, 2)}\n`);
    printExports(content, say);
    say('The parts are ready; Ctrl-C stops them.');
    await whenInterrupted(interrupted);
    say('Stopping the parts');
    return 0;
  } finally {
    await run.close();
    if ('release' in lock) lock.release();
  }
}

function describeParts(parts: Parts): PartsFile {
  const started = Object.values(parts).flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid] as const]));
  return {
    databaseUrl: parts.postgres.url,
    redisUrl: parts.redis.url,
    kafkaBrokers: parts.kafka.url,
    pids: Object.fromEntries(started),
  };
}

async function renewDatabase(run: Run, rootDir: string, parts: PartsFile, isFresh: boolean): Promise<void> {
  if (isFresh) await recreateDatabase(parts.databaseUrl);
  await migrate(run, rootDir, parts.databaseUrl);
}

function readPartsFile(file: string): PartsFile | null {
  const text = readIfExists(file);
  return text === null ? null : (JSON.parse(text) as PartsFile); // written by this command
}

function printExports(parts: PartsFile, say: (line: string) => void): void {
  say(`export DATABASE_URL=${parts.databaseUrl}`);
  say(`export REDIS_URL=${parts.redisUrl}`);
  say(`export KAFKA_BROKERS=${parts.kafkaBrokers}`);
}
