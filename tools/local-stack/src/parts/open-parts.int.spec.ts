import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig, type ExternalParts } from '../config.ts';
import { Ports } from '../ports.ts';
import { Run } from '../processes/run.ts';
import { openParts } from './open-parts.ts';
import { PART_NAMES } from './part.ts';

let folder: string;
let run: Run;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chat-parts-'));
  run = new Run({ runsDir: join(folder, 'runs'), env: process.env });
});
afterEach(async () => {
  await run.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (external: ExternalParts) =>
  openParts(
    {
      run,
      ports: new Ports(),
      rootDir: folder,
      cacheDir: folder,
      dataDir: join(folder, 'data'),
      logDir: join(folder, 'logs'),
      isDurable: false,
      usesStandardPorts: false,
      say: () => undefined,
    },
    { ...readConfig(process.env), external },
  );

describe('parts whose addresses the environment has', () => {
  it('are used as they are, and nothing is started beside them', async () => {
    const { external } = readConfig(process.env);
    const parts = await open(external);
    for (const name of PART_NAMES) {
      expect(external[name]).toBeDefined();
      expect(parts[name]).toEqual({ name, url: external[name], pid: null, source: 'environment' });
    }
    expect(readdirSync(join(folder, 'runs'))).toEqual([]);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('are not replaced by others where they do not answer', async () => {
    const redis = `redis://127.0.0.1:${await new Ports().take()}`;
    await expect(open({ ...readConfig(process.env).external, redis })).rejects.toThrow(
      'redis does not answer at the address in the environment',
    );
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });
});
