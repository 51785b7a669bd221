import { delimiter, join, resolve } from 'node:path';

/** What the environment and the place of this file say about a command; read once, here alone. */
export interface LocalConfig {
  /** Repository root. */
  readonly rootDir: string;
  /** State of this clone's commands: `.local`, or CHAT_LOCAL_DIR. */
  readonly localDir: string;
  /** Downloads that all runs of this clone share. */
  readonly cacheDir: string;
  /** The environment for what the command starts, with the project's programs first on PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** What the environment of Nx and what it runs has besides. */
  readonly toolEnv: NodeJS.ProcessEnv;
  readonly path: string;
  readonly isRoot: boolean;
  /** Addresses of parts that exist already, by the variable that names them. */
  readonly external: ExternalParts;
  /** CHAT_PARTS: "auto" prefers a Docker engine that answers, "process" never asks one. */
  readonly partsFrom: 'auto' | 'process';
  readonly jwtSecret: string | undefined;
  /** ALLOWED_ORIGINS: origins of pages that may call rooms-api and the gateways beside the playground's. */
  readonly allowedOrigins: readonly string[];
  /** The external parts that `npm test` may use: those of the environment with CHAT_TEST_EXTERNAL=1, else none. */
  readonly testExternal: ExternalParts;
  /** The environment for the sections of `npm test`: without addresses of parts, so that none reaches a user's data. */
  readonly testEnv: NodeJS.ProcessEnv;
}

export interface ExternalParts {
  readonly postgres?: string | undefined;
  readonly redis?: string | undefined;
  readonly kafka?: string | undefined;
}

/** Nx in one process that prints plain lines and asks nobody. */
const PLAIN_NX = { NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' };

const ROOT_DIR = join(import.meta.dirname, '../../..');

/** Where the state of this clone's commands is. */
export function localDirOf(env: NodeJS.ProcessEnv): string {
  return resolve(given(env['CHAT_LOCAL_DIR']) ?? join(ROOT_DIR, '.local'));
}

export function readConfig(env: NodeJS.ProcessEnv): LocalConfig {
  const rootDir = ROOT_DIR;
  const path = [join(rootDir, 'node_modules/.bin'), env['PATH'] ?? ''].join(delimiter);
  const external = {
    postgres: given(env['DATABASE_URL']),
    redis: given(env['REDIS_URL']),
    kafka: given(env['KAFKA_BROKERS']),
  };
  return {
    rootDir,
    localDir: localDirOf(env),
    cacheDir: join(rootDir, '.local/cache'),
    env: { ...env, PATH: path },
    toolEnv: { ...PLAIN_NX, ...colours(env) },
    path,
    isRoot: process.getuid?.() === 0,
    external,
    partsFrom: env['CHAT_PARTS'] === 'process' ? 'process' : 'auto',
    jwtSecret: given(env['JWT_SECRET']),
    allowedOrigins: given(env['ALLOWED_ORIGINS'])?.split(',') ?? [],
    testExternal: env['CHAT_TEST_EXTERNAL'] === '1' ? external : {},
    testEnv: { ...withoutParts(env), PATH: path },
  };
}

function withoutParts({ DATABASE_URL: _d, REDIS_URL: _r, KAFKA_BROKERS: _k, ...env }: NodeJS.ProcessEnv) {
  return env;
}

/** What runs in a pipe to us cannot tell whether a person looks on; what the user says stays. */
function colours(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (given(env['FORCE_COLOR']) !== undefined || given(env['NO_COLOR']) !== undefined) return {};
  return process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
