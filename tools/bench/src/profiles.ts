import { mkdtempSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableOf } from '@chat/testing';
import { ownersOf, selfTimesOf, type CpuProfile } from './cpu-profile.ts';

const FUNCTIONS = 15;
const OWNERS = 6;

/** A new folder for the profiles of one bench. */
export function createProfileDir(rootDir: string, bench: string): string {
  const folder = join(rootDir, '.local/bench');
  mkdirSync(folder, { recursive: true });
  return mkdtempSync(join(folder, `${bench}-profile-`));
}

/** Where the processes that left a profile there spent their time, in the order in which they ended. */
export function profilesText(folder: string): string {
  const files = readdirSync(folder).sort(); // their names begin with date and time
  return files
    .map((file) => profileText(JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile))
    .join('\n\n');
}

function profileText(profile: CpuProfile): string {
  const times = selfTimesOf(profile);
  const owners = ownersOf(times).slice(0, OWNERS);
  const rows = times.slice(0, FUNCTIONS).map(({ name, owner, share }) => [percent(share), owner, name]);
  return `${owners.map(({ owner, share }) => `${owner} ${percent(share)}`).join(', ')}\n\n${tableOf(['self', 'of', 'function'], rows)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
