import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withConfigTable, type SettingRow } from './config-table.ts';

const ROOT = join(import.meta.dirname, '../../..');
const APPS = ['rooms-api', 'ws-gateway', 'presence-worker', 'message-persister'];
const isCheck = process.argv.includes('--check');

/** Writes what documents take from the built apps; with `--check` it only says what is out of date and exits 1. */
const outdated = APPS.filter((app) => {
  const path = join(ROOT, 'apps', app, 'README.md');
  const readme = readFileSync(path, 'utf8');
  const written = withConfigTable(readme, settingsOf(app));
  if (written === readme) return false;
  if (!isCheck) writeFileSync(path, written);
  return true;
});

for (const app of outdated)
  console.log(`apps/${app}/README.md ${isCheck ? 'is out of date: npm run docs' : 'written'}`);
process.exitCode = isCheck && outdated.length > 0 ? 1 : 0;

function settingsOf(app: string): SettingRow[] {
  const main = join(ROOT, 'apps', app, 'dist/main.js');
  const printed = execFileSync(process.execPath, [main, '--describe-config'], { encoding: 'utf8', timeout: 20_000 });
  return JSON.parse(printed) as SettingRow[]; // printed by our own build
}
