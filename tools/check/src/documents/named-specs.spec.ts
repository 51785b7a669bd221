import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT_DIR = join(import.meta.dirname, '../../../..');
/** Documents that say which test shows what. */
const DOCUMENTS = ['SECURITY.md', 'docs/security.md', 'docs/security-setup.md'];

const specs = new Set(
  globSync('{apps,libs,tools}/*/src/**/*.spec.ts', { cwd: ROOT_DIR }).map((path) => basename(path)),
);

it.each(DOCUMENTS)('every spec that %s names is there', (document) => {
  const named = readFileSync(join(ROOT_DIR, document), 'utf8').match(/[a-z0-9.-]+\.spec\.ts/g) ?? [];
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !specs.has(name))).toEqual([]);
});
