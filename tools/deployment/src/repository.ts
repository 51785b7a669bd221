import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../../..');
/** Longest run of an app that only reads its configuration, in ms. */
const CONFIG_DEADLINE_MS = 20_000;
const run = promisify(execFile);

/** The apps that have an image. */
export const APPS = ['rooms-api', 'ws-gateway', 'presence-worker', 'message-persister'] as const;
export type AppName = (typeof APPS)[number];

/** Path of a file of the repository. */
export function inRepository(...path: readonly string[]): string {
  return join(ROOT, ...path);
}

export function readRepositoryFile(...path: readonly string[]): string {
  return readFileSync(inRepository(...path), 'utf8');
}

/** A setting as `--describe-config` of an app prints it. */
export interface SettingRow {
  readonly env: string;
  readonly standard: string;
  readonly isSecret: boolean;
}

/** Settings of every app, by variable. */
export type SettingsOfApps = Readonly<Record<AppName, ReadonlyMap<string, SettingRow>>>;

export async function settingsOfApps(): Promise<SettingsOfApps> {
  const entries = await Promise.all(
    APPS.map(async (app) => {
      const { isOk, output } = await runApp(app, '--describe-config', {});
      if (!isOk) throw new Error(`${app} does not describe its settings:\n${output}`);
      const rows = JSON.parse(output) as SettingRow[]; // printed by our own code
      return [app, new Map(rows.map((row) => [row.env, row]))] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<AppName, Map<string, SettingRow>>; // one entry an app
}

/** What an app in its image says of this environment; null where it would start with it. */
export async function configProblem(app: AppName, env: Readonly<Record<string, string>>): Promise<string | null> {
  const { isOk, output } = await runApp(app, '--check-config', { NODE_ENV: 'production', ...env });
  return isOk ? null : output;
}

/** What an app says when it ends by itself at its start, for which it must not find its parts. */
export async function startProblem(app: AppName, env: Readonly<Record<string, string>>): Promise<string> {
  return (await runApp(app, '', { NODE_ENV: 'production', ...env })).output;
}

/** Runs a built app, as its image does. */
async function runApp(app: AppName, word: string, env: Readonly<Record<string, string>>) {
  const program = inRepository('apps', app, 'dist/main.js');
  try {
    const { stdout } = await run(process.execPath, [program, word], { env, timeout: CONFIG_DEADLINE_MS });
    return { isOk: true, output: stdout };
  } catch (error) {
    if (!(error instanceof Error && 'stderr' in error && error.stderr !== '')) throw error;
    return { isOk: false, output: String(error.stderr) };
  }
}

/** A secret that no app takes for a weak one. */
export function strongSecret(): string {
  return randomBytes(32).toString('hex');
}

/** Variables that Node itself reads; no app has them among its settings. */
const OF_NODE = ['NODE_ENV', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'TZ'];

/** What is wrong with the names of these variables: those that the app does not know, and those it needs and lacks. */
export function variableProblems(settings: ReadonlyMap<string, SettingRow>, names: readonly string[]): string[] {
  const unknown = names.filter((name) => !settings.has(name) && !OF_NODE.includes(name));
  const missing = [...settings.values()].filter(({ env, standard }) => standard === 'required' && !names.includes(env));
  return [...unknown.map((name) => `${name} is not known`), ...missing.map(({ env }) => `${env} is missing`)];
}
