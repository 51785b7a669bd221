import { join } from 'node:path';

/** Where things lie. */
export interface InteropConfig {
  /** Repository root. */
  readonly rootDir: string;
  /** Downloads and built programs that all runs of this clone share. */
  readonly cacheDir: string;
}

/** A running chat. */
export interface StackUnderTest {
  readonly restUrl: string;
  /** Of the gateways, with their path. */
  readonly wsUrls: readonly string[];
  readonly jwtSecret: string;
}

/** Throws a sentence that names the first variable that is missing. */
export function readConfig(env: NodeJS.ProcessEnv): InteropConfig {
  return { rootDir: join(import.meta.dirname, '../../..'), cacheDir: required(env, 'CHAT_INTEROP_CACHE_DIR') };
}

/** Throws a sentence that names the first variable that is missing. */
export function readStack(env: NodeJS.ProcessEnv): StackUnderTest {
  return {
    restUrl: required(env, 'CHAT_INTEROP_REST_URL'),
    wsUrls: required(env, 'CHAT_INTEROP_WS_URLS').split(','),
    jwtSecret: required(env, 'CHAT_INTEROP_JWT_SECRET'),
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: \`npm run test:interop\` does that`);
  return value;
}
