import { randomBytes } from 'node:crypto';
import { AppGroup } from '../apps/app-group.ts';
import { APP_INSTANCES } from '../apps/app-table.ts';
import { Ports } from '../ports.ts';
import type { Run } from '../processes/run.ts';
import { buildApps } from './build-apps.ts';
import type { CommandContext } from './command.ts';
import { openOwnParts, type OwnParts } from './own-parts.ts';

export interface OwnApps {
  readonly apps: AppGroup;
  readonly jwtSecret: string;
  readonly parts: OwnParts;
}

/** Parts of this run's own, and on them all apps, built from the sources of now; they end with the run. */
export async function openOwnApps(
  command: CommandContext,
  run: Run,
  purpose: Parameters<typeof openOwnParts>[2],
): Promise<OwnApps> {
  command.say('Starting Postgres, Redis and Kafka, and building the apps');
  const [parts] = await Promise.all([openOwnParts(command, run, purpose), buildApps(command, run)]);
  command.say('Starting the apps');
  const { rootDir } = command.config;
  const apps = new AppGroup({ run, rootDir, logDir: parts.logDir, say: command.say });
  run.beforehand(() => apps.stop());
  const addresses = {
    databaseUrl: parts.env.DATABASE_URL,
    redisUrl: parts.env.REDIS_URL,
    kafkaBrokers: parts.env.KAFKA_BROKERS,
    jwtSecret: randomBytes(48).toString('base64url'),
  };
  const onRestart = () => command.say('An app was started again: what was seen of it counts');
  await apps.start(APP_INSTANCES, { ports: new Ports(), usesStandardPorts: false, addresses, onRestart });
  return { apps, parts, jwtSecret: addresses.jwtSecret };
}
