import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT_DIR = join(import.meta.dirname, '../../../..');
const textOf = (path: string) => readFileSync(join(ROOT_DIR, path), 'utf8');

const scripts = Object.keys((JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }).scripts);
/** Those beside `npm test` that say something about the code. */
const verdicts = scripts.filter((name) => name.startsWith('test:') || ['bench', 'audit', 'sbom'].includes(name));
const rows = textOf('docs/verdicts.md')
  .split('\n')
  .filter((line) => line.startsWith('| `npm run '))
  .map((line) => {
    const [command = '', shows = '', takes = '', , when = '', last = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    return { command: command.replaceAll('`', ''), shows, takes, when, last };
  });
const scriptOf = (command: string) => command.split(' ')[2] ?? '';

describe('docs/verdicts.md', () => {
  it('has every command that judges the code beside npm test, and none that is not there', () => {
    expect(verdicts.length).toBeGreaterThan(10);
    expect([...new Set(rows.map(({ command }) => scriptOf(command)))].sort()).toEqual(verdicts.sort());
  });

  it('says of each what it shows, how long it takes, when it is run, and what came of it last', () => {
    for (const { command, ...said } of rows)
      expect([command, Object.values(said).includes('')]).toEqual([command, false]);
  });

  it('names last runs by day and commit', () => {
    const named = rows.flatMap(({ last }) => [...last.matchAll(/(\d{4}-\d{2}-\d{2}), (\S+):/g)]);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(([, , commit = '']) => !/^[0-9a-f]{8}$/.test(commit)).map(([text]) => text)).toEqual([]);
  });

  it('says nightly of what .ci/nightly runs, and of nothing else', () => {
    const [, listed = ''] = /^commands=\(\n([^)]*)^\)/m.exec(textOf('.ci/nightly')) ?? [];
    const run = [...listed.matchAll(/'([^']+)'/g)].map(([, command]) => command);
    expect(run).toEqual(rows.filter(({ when }) => when.startsWith('nightly')).map(({ command }) => command));
  });
});
