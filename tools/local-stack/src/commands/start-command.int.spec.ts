import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { colourless } from './colourless.ts';

const MAIN = join(import.meta.dirname, '../main.ts');
const DEADLINE_MS = 60_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chat-start-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, ...lines: readonly string[]): void {
  writeFileSync(join(folder, name), ['#!/bin/sh', ...lines].join('\n'));
  chmodSync(join(folder, name), 0o755);
}

/** `npm start` on the Postgres and Kafka of the environment, with the programs of the folder first on PATH. */
async function start(): Promise<{ readonly status: unknown; readonly stderr: string }> {
  const { REDIS_URL: _, ...env } = colourless(process.env);
  const child = spawn(process.execPath, ['--conditions=@chat/source', MAIN, 'start'], {
    env: { ...env, CHAT_LOCAL_DIR: join(folder, 'local'), CHAT_PARTS: 'process', PATH: `${folder}:${env['PATH']}` },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: DEADLINE_MS,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [unknown];
  return { status, stderr };
}

describe('npm start', () => {
  it('fails with the end of the log of a part that ends at its start', { timeout: DEADLINE_MS + 5_000 }, async () => {
    program(
      'redis-server',
      'case "$1" in --version|-v) echo "Redis server v=8.2.0 sha=0 bits=64"; exit 0 ;; esac',
      'echo "Fatal: the config is broken"; exit 3',
    );
    const { status, stderr } = await start();
    expect(stderr).toBe(
      'redis ended at its start (exit code 3). The end of its log:\n    Fatal: the config is broken\n',
    );
    expect(status).toBe(1);
  });
});
