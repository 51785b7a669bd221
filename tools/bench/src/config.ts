import { join } from 'node:path';
import type { BenchConfig } from './bench.ts';

/** Throws a sentence that names the first variable that is missing. */
export function readConfig(env: NodeJS.ProcessEnv): BenchConfig {
  return {
    databaseUrl: required(env, 'DATABASE_URL'),
    redisUrl: required(env, 'REDIS_URL'),
    kafkaBrokers: required(env, 'KAFKA_BROKERS'),
    logDir: required(env, 'CHAT_BENCH_LOG_DIR'),
    rootDir: join(import.meta.dirname, '../../..'),
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: \`npm run bench\` does that`);
  return value;
}
