import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, it } from 'vitest';
import { componentsOf, sbomOf, type Lock } from './sbom-document.ts';

const ROOT_DIR = join(import.meta.dirname, '../../../..');
const { packages } = JSON.parse(readFileSync(join(ROOT_DIR, 'package-lock.json'), 'utf8')) as { packages: Lock };

const namesIn = (app: string) => componentsOf(packages, `apps/${app}`).map(({ name }) => name);

describe.each(['rooms-api', 'ws-gateway', 'presence-worker', 'message-persister'])(
  'the bill of materials of %s',
  (app) => {
    it('is a CycloneDX document of version 1.6', async () => {
      const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
      expect(await validator.validate(JSON.stringify(sbomOf(packages, `apps/${app}`)))).toBeNull();
    });

    it('has what it runs on, and nothing that it is only built or tested with', () => {
      expect(namesIn(app)).toEqual(expect.arrayContaining(['@chat/kafka', 'kafkajs', 'pg', 'zod', 'pino']));
      for (const tool of ['vitest', 'typescript', 'esbuild', '@chat/testing', 'eslint'])
        expect(namesIn(app)).not.toContain(tool);
    });

    it('has the hash of everything that comes from a registry', () => {
      const foreign = componentsOf(packages, `apps/${app}`).filter(({ folder }) => folder.includes('node_modules/'));
      expect(foreign.filter(({ locked }) => locked.integrity === undefined).map(({ name }) => name)).toEqual([]);
    });
  },
);

it('a package is the one that Node would find: that of its own folder before that of all', () => {
  const lock: Lock = {
    'apps/a': { name: 'a', version: '1.0.0', dependencies: { b: '*', c: '1' } },
    'node_modules/b': { resolved: 'libs/b', link: true },
    'libs/b': { name: 'b', version: '1.0.0', dependencies: { c: '2' }, optionalDependencies: { gone: '1' } },
    'node_modules/c': { version: '1.0.0', integrity: 'sha512-AAAA' },
    'libs/b/node_modules/c': { version: '2.0.0', integrity: 'sha512-AAAA' },
    'node_modules/d': { version: '1.0.0', integrity: 'sha512-AAAA' },
  };
  expect(componentsOf(lock, 'apps/a').map(({ name, locked }) => `${name}@${locked.version}`)).toEqual([
    ...['a@1.0.0', 'b@1.0.0', 'c@1.0.0', 'c@2.0.0'],
  ]);
});
