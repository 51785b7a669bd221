import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ports } from '../ports.ts';
import { Run } from '../processes/run.ts';
import { startInDocker } from './docker.ts';

let folder: string;
let run: Run;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chat-docker-'));
  run = new Run({ runsDir: join(folder, 'runs'), env: { PATH: `${folder}:${process.env['PATH']}` } });
  said = [];
});
afterEach(async () => {
  await run.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A docker whose `compose … up` runs these lines; all else that is asked of it succeeds. */
function dockerThat(...lines: readonly string[]): void {
  const program = ['#!/bin/sh', 'case "$*" in *" up "*) ;; *) exit 0 ;; esac', ...lines].join('\n');
  writeFileSync(join(folder, 'docker'), program);
  chmodSync(join(folder, 'docker'), 0o755);
}

const start = (tellsEveryMs?: number) =>
  startInDocker(
    {
      run,
      ports: new Ports(),
      rootDir: folder,
      cacheDir: folder,
      dataDir: folder,
      logDir: folder,
      isDurable: false,
      usesStandardPorts: false,
      say: (line) => said.push(line),
    },
    ['redis', 'kafka'],
    tellsEveryMs,
  );

describe('parts in Docker', () => {
  it('says before it waits that images may be pulled, and then which', async () => {
    dockerThat(
      'printf " redis Pulling \\n 5c32 Pulling fs layer\\n Image apache/kafka:4.3.1 Pull"',
      'printf "ed\\n"',
      'exit 3',
    );
    await expect(start()).rejects.toThrow(/docker compose up failed \(exit code 3\)/);
    expect(said).toEqual([
      'Docker starts redis, kafka; images that are not here yet are pulled first, which may take up to 600 s',
      'Docker: redis Pulling',
      'Docker: Image apache/kafka:4.3.1 Pulled',
    ]);
  });

  it('goes on telling that it waits, and for how long', async () => {
    const [open, gate] = [join(folder, 'open'), `until [ -e ${join(folder, 'open')} ]; do :; done`];
    dockerThat(gate, 'exit 3');
    const started = start(20);
    started.catch(() => undefined); // awaited below
    await expect
      .poll(() => said.at(-1), { timeout: 10_000 })
      .toMatch(/^Docker is still starting redis, kafka \(\d+ s\)$/);
    writeFileSync(open, '');
    await expect(started).rejects.toThrow(/exit code 3/);
  });
});
