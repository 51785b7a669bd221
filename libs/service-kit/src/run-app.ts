import { randomUUID } from 'node:crypto';
import { AppRun } from './app-run.ts';
import { systemClock, type Clock } from './clock.ts';
import type { commonSettings } from './common-settings.ts';
import { ConfigError, type ConfigOf, type Settings } from './config.ts';
import { readConfigOrExit, type SettingsServer } from './config-or-exit.ts';
import { createHealthMetrics } from './health-metrics.ts';
import { Health } from './health.ts';
import { HttpListener } from './http-listener.ts';
import { internalRoutes, type InternalRoutesOptions, type VersionInfo } from './internal-routes.ts';
import { ServiceGroup, type Stage } from './lifecycle.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetricsRegistry, describeMetrics, type Registry } from './metrics.ts';
import { openTracing } from './tracing/open-tracing.ts';
import type { Tracing } from './tracing/tracing.ts';

/** What an app is built from besides its configuration. */
export interface AppContext {
  readonly instanceId: string;
  /** What `/version` tells. */
  readonly version: VersionInfo;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly health: Health;
  readonly metrics: Registry;
  /** Null where nothing is traced. */
  readonly tracing: Tracing | null;
  /** Ends the process with a reason: for what cannot go on, such as a consumer that will not come back. */
  readonly fail: (reason: string, error?: unknown) => void;
  /** Whether it ends for such a reason: what stops then waits for nobody who can do without it. */
  readonly hasFailed: () => boolean;
  /** The internal listener with its standard routes and, if given, the app's own. */
  readonly internalListener: (port: number, next?: InternalRoutesOptions['next']) => HttpListener;
}

export interface AppDefinition<S extends Settings> {
  readonly name: string;
  readonly settings: S;
  /** Where settings are kept besides the environment. */
  readonly served?: SettingsServer;
  /** What is wrong with values that are good each for itself. */
  readonly problemsOf?: (config: ConfigOf<S>) => readonly string[];
  /** Makes the app's own metrics; called without an app where they are to be described. */
  readonly createMetrics: (registry: Registry) => unknown;
  /** Wires the app: its services in the order of their start, those in one list together. */
  readonly createApp: (config: ConfigOf<S> & ConfigOf<typeof commonSettings>, context: AppContext) => readonly Stage[];
}

/** The surroundings of a process, replaced in tests. */
export interface ProcessLike {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exit: (code: number) => void;
  readonly on: (
    event: 'SIGTERM' | 'SIGINT' | 'uncaughtException' | 'unhandledRejection',
    listener: (cause: unknown) => void,
  ) => void;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * The whole life of an app's process: read the configuration, start, serve until SIGTERM or SIGINT, stop in order,
 * exit 0. `--check-config` only reads; `--describe-config` prints the settings as JSON rows {env, standard, about},
 * `--describe-metrics` the metrics as rows {name, type, help, labels}. Bad configuration exits 78 (EX_CONFIG); a failed
 * start, a fatal error, or a service that has not stopped in time exits 1.
 */
export async function runApp<S extends Settings>(app: AppDefinition<S>, surroundings: ProcessLike): Promise<void> {
  if (surroundings.argv.includes('--describe-metrics')) return describeAppMetrics(app, surroundings);
  const read = await readConfigOrExit(app, surroundings);
  if (read === null) return;
  const { config, note } = read;
  const instanceId = config.instanceId === '' ? `${app.name}-${randomUUID().slice(0, 8)}` : config.instanceId;
  const logger = createLogger(app.name, { level: config.logLevel, instanceId });
  if (note !== null) logger[note.level](note.fields, note.message);
  const health = new Health();
  const metrics = createAppRegistry(app.name, health);
  const run = new AppRun({ health, logger, exit: surroundings.exit });
  const version = versionOf(app.name, instanceId);
  const tracing = await openTracing({ ...config, ...version, name: app.name, logger });
  const context: AppContext = {
    instanceId,
    version,
    logger,
    clock: systemClock,
    health,
    metrics,
    tracing,
    fail: run.fail,
    hasFailed: () => run.hasFailed,
    internalListener: (port, next) =>
      new HttpListener({
        name: 'internal listener',
        host: config.host,
        port,
        handler: internalRoutes({ health, metrics, version, ...(next && { next }) }),
      }),
  };
  const stages = createOrExit(app.name, surroundings, () => app.createApp(config, context));
  if (stages === null) return;
  const group = new ServiceGroup(tracing === null ? stages : [tracing, ...stages], logger);

  for (const signal of ['SIGTERM', 'SIGINT'] as const) surroundings.on(signal, () => run.end(signal));
  surroundings.on('uncaughtException', (error) => run.fail('uncaught exception', error));
  surroundings.on('unhandledRejection', (error) => run.fail('unhandled rejection', error));
  await run.begin(group);
}

function createAppRegistry(name: string, health: Health): Registry {
  const registry = createMetricsRegistry(name);
  createHealthMetrics(registry, health, { version: APP_VERSION, node: process.version });
  return registry;
}

function describeAppMetrics(
  { name, createMetrics }: Pick<AppDefinition<Settings>, 'name' | 'createMetrics'>,
  { stdout, exit }: Pick<ProcessLike, 'stdout' | 'exit'>,
): void {
  const registry = createAppRegistry(name, new Health());
  createMetrics(registry);
  stdout.write(`${JSON.stringify(describeMetrics(registry))}\n`);
  exit(0);
}

/** Settings may be fine one by one and contradict each other, which is found where they are used. */
function createOrExit(
  name: string,
  { stderr, exit }: Pick<ProcessLike, 'stderr' | 'exit'>,
  create: () => readonly Stage[],
): readonly Stage[] | null {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    stderr.write(`${name}: ${error.message}\n`);
    exit(78);
    return null;
  }
}

function versionOf(app: string, instanceId: string): VersionInfo {
  return { app, version: APP_VERSION, node: process.version, instanceId };
}

/** Version of this build; the same for all apps, since they are released together. */
const APP_VERSION = '0.1.0';
