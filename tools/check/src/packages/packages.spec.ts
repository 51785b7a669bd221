import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { filterProblems } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifestOf, packPackages, PUBLISHED, type PackedPackage } from './packed-packages.ts';

/** Packing, and a look by a compiler, each on a busy machine. */
const SLOW_MS = 60_000;
/** Of these a package uses parts that another version may change; of all others any compatible one will do. */
const PINNED: ReadonlySet<string> = new Set(['@stomp/stompjs']);

let folder: string;
let packages: readonly PackedPackage[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chat-packages-'));
  packages = await packPackages(folder);
}, SLOW_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packageAt(path: string): PackedPackage {
  const found = packages.find(({ name }) => name === path.replace('libs/', '@chat/'));
  if (found === undefined) throw new Error(`${path} was not packed`);
  return found;
}

const read = (one: PackedPackage, path: string) => readFileSync(join(one.folder, path), 'utf8');
const lines = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

describe.each(PUBLISHED)('the package %s', (path) => {
  it('has nothing that publint would say of it', async () => {
    const one = packageAt(path);
    const tarball = new Uint8Array(readFileSync(one.tarball)).buffer;
    const { messages, pkg } = await publint({ strict: true, pack: { tarball } });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it(
    'has types for everybody who resolves ES modules',
    async () => {
      const one = packageAt(path);
      const contents = createPackageFromTarballData(new Uint8Array(readFileSync(one.tarball)));
      const analysis = await checkPackage(contents, { excludeEntrypoints: [/\.json$/] });
      if (analysis.types === false) throw new Error('no types were found');
      const problems = (['node16-esm', 'bundler'] as const).flatMap((resolutionKind) =>
        filterProblems(analysis, { resolutionKind }),
      );
      expect(problems).toEqual([]);
    },
    SLOW_MS,
  );

  it('ships whatever its exports name, under every condition', () => {
    const { files } = packageAt(path);
    const targets = Object.values(manifestOf(packageAt(path)).exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const missing = targets.filter((target) => !files.some((file) => matches(file, target)));
    expect(missing).toEqual([]);
  });

  it('ships its sources whole, so that the condition @chat/source and source maps lead somewhere', () => {
    const one = packageAt(path);
    const shipped = new Set(one.files);
    const imports = one.files
      .filter((file) => file.startsWith('src/'))
      .flatMap((file) => lines(read(one, file), /from '(\.[^']+)'/g).map((to) => posix.join(posix.dirname(file), to)));
    const sources = one.files
      .filter((file) => file.endsWith('.map'))
      .flatMap((file) => mapSources(read(one, file)).map((to) => posix.join(posix.dirname(file), to)));
    expect(sources.length).toBeGreaterThan(5);
    expect([...imports, ...sources].filter((file) => !shipped.has(file))).toEqual([]);
  });

  it('ships no specs and no build information', () => {
    expect(packageAt(path).files.filter((file) => /\.(spec|bench)\.|tsbuildinfo|releases|fixtures/.test(file))).toEqual(
      [],
    );
  });

  it('says what it is: licence, no side effects, a version, and ranges or pinned versions of what it needs', () => {
    const { version, license, sideEffects, dependencies = {} } = manifestOf(packageAt(path));
    expect({ license, sideEffects }).toEqual({ license: 'UNLICENSED', sideEffects: false });
    expect(version).toMatch(/^[1-9]\d*\.\d+\.\d+$/);
    const odd = Object.entries(dependencies).filter(([name, range]) => {
      const form = PINNED.has(name) ? /^\d+\.\d+\.\d+$/ : /^\^\d+\.\d+\.\d+$/;
      return !form.test(range);
    });
    expect(odd).toEqual([]);
  });
});

function matches(file: string, target: string): boolean {
  const [head = '', tail] = target.replace('./', '').split('*');
  return tail === undefined ? file === head : file.startsWith(head) && file.endsWith(tail);
}

function mapSources(text: string): readonly string[] {
  return (JSON.parse(text) as { readonly sources: readonly string[] }).sources; // of the compiler
}
