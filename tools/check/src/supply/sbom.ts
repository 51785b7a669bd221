import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sbomOf, type Lock } from './sbom-document.ts';

const ROOT_DIR = join(import.meta.dirname, '../../../..');
const APPS = ['rooms-api', 'ws-gateway', 'presence-worker', 'message-persister'];

/** `npm run sbom`: a CycloneDX document of each app, beside what is built of it. */
const { packages } = JSON.parse(readFileSync(join(ROOT_DIR, 'package-lock.json'), 'utf8')) as { packages: Lock };
for (const app of APPS) {
  const folder = join(ROOT_DIR, 'apps', app, 'dist');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(sbomOf(packages, `apps/${app}`), null, 2)}\n`);
  console.log(`apps/${app}/dist/sbom.cdx.json written`);
}
