import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { colourless } from './commands/colourless.ts';

const folder = mkdtempSync(join(tmpdir(), 'chat-main-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@chat/source', join(import.meta.dirname, 'main.ts'), ...args],
    { env: { ...colourless(process.env), CHAT_LOCAL_DIR: folder }, encoding: 'utf8', timeout: 20_000 },
  );
  return { status, stdout, stderr };
}

describe('the command line', () => {
  it.each(['start', 'test', 'bench', 'faults', 'interop', 'spring-cloud', 'alerts', 'helm', 'image', 'parts'])(
    'of %s is explained by --help',
    (name) => {
      const { status, stdout, stderr } = run(name, '--help');
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(new RegExp(`^npm (run )?(test:)?${name}`));
    },
  );

  it('of test names the sections that there are', () => {
    expect(run('test', '--help').stdout).toContain('format, check, unused, docs, integration, e2e');
  });

  it.each([
    [['start', '--frsh'], /--frsh/],
    [['parts', 'now'], /now/],
    [['interop', '--client', 'spring', '--write'], /^--write keeps the table of all clients: leave out --client$/],
    [
      ['bench', 'speed'],
      /^There is no bench "speed"; there are publisher, persister, history, fan-out, .*, replay, unread\.$/,
    ],
    [['bench', '--quick', '--write'], /^--write keeps the figures of whole runs .*: leave out --quick and --profile$/],
    [
      ['bench', '--profile', '--write'],
      /^--write keeps the figures of whole runs .*: leave out --quick and --profile$/,
    ],
  ])('%j is refused in a sentence', (args, sentence) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(1);
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
