import { commonSettings } from './common-settings.ts';
import {
  ConfigError,
  describeSettings,
  readConfig,
  SettingsUnavailableError,
  type ConfigOf,
  type ServedTexts,
  type Settings,
} from './config.ts';
import type { ProcessLike } from './run-app.ts';

type Environment = ProcessLike['env'];

/** What was read elsewhere than in the environment. */
export interface ServedSettings {
  readonly texts: ServedTexts;
  /** What the log says of it. */
  readonly note: ServedNote | null;
}

export interface ServedNote {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Where settings are kept besides the environment, which wins over it. */
export interface SettingsServer {
  /** Variables that say where it is and how it is asked; it serves none of these itself. */
  readonly settings: Settings;
  /**
   * The texts for an app's settings. Throws a ConfigError for a mistake in the configuration, and a
   * SettingsUnavailableError where the app shall not start without them.
   */
  read(app: { readonly name: string; readonly settings: Settings }, environment: Environment): Promise<ServedSettings>;
}

interface Configurable<S extends Settings> {
  readonly name: string;
  readonly settings: S;
  readonly served?: SettingsServer;
  readonly problemsOf?: (config: ConfigOf<S>) => readonly string[];
}

interface ReadResult<S extends Settings> {
  readonly config: ConfigOf<S> & ConfigOf<typeof commonSettings>;
  readonly note: ServedNote | null;
}

/**
 * The configuration of an app or command; null where there is nothing to run: it was to be described or checked (exit 0),
 * is bad (78), or cannot be had (1).
 */
export async function readConfigOrExit<S extends Settings>(
  app: Configurable<S>,
  surroundings: Pick<ProcessLike, 'argv' | 'env' | 'exit' | 'stdout' | 'stderr'>,
): Promise<ReadResult<S> | null> {
  const settings = { ...app.settings, ...commonSettings };
  const { argv, env, exit, stdout, stderr } = surroundings;
  if (argv.includes('--describe-config')) {
    stdout.write(`${JSON.stringify(describeSettings({ ...settings, ...app.served?.settings }))}\n`);
    exit(0);
    return null;
  }
  try {
    const served = await app.served?.read({ name: app.name, settings }, env);
    const config = readConfig(settings, env, served?.texts) as ReadResult<S>['config']; // TypeScript does not spread a generic
    const problems = app.problemsOf?.(config) ?? [];
    if (problems.length > 0) throw new ConfigError(problems);
    if (!argv.includes('--check-config')) return { config, note: served?.note ?? null };
    if (served?.note?.level === 'warn') stderr.write(`${app.name}: ${served.note.message}\n`);
    exit(0);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof SettingsUnavailableError)) throw error;
    stderr.write(`${app.name}: ${error.message}\n`);
    exit(error instanceof ConfigError ? 78 : 1);
  }
  return null;
}
