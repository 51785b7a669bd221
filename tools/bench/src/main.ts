import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withSection } from '@chat/testing';
import type { Bench } from './bench.ts';
import { readConfig } from './config.ts';
import { connectionsBench } from './connections/connections-bench.ts';
import { echoBench } from './echo/echo-bench.ts';
import { fanOutBench } from './fan-out/fan-out-bench.ts';
import { feedBench } from './feed/feed-bench.ts';
import { mailBench } from './feed/mail-bench.ts';
import { filterBench } from './filter/filter-bench.ts';
import { historyBench } from './history/history-bench.ts';
import { idleBench } from './idle/idle-bench.ts';
import { pacedBench } from './paced/paced-bench.ts';
import { presenceBench } from './presence/presence-bench.ts';
import { persisterBench } from './persister/persister-bench.ts';
import { createProfileDir, profilesText } from './profiles.ts';
import { publisherBench } from './publisher/publisher-bench.ts';
import { replayBench } from './replay/replay-bench.ts';
import { reportText } from './report-text.ts';
import { unreadBench } from './unread/unread-bench.ts';
import { describeSetting, settingText } from './setting.ts';

// `node main.ts <bench> [--quick] [--write] [--profile]`, started by `npm run bench`. Exit status 0: targets met, 1: one missed.

const BENCHES: Readonly<Record<string, Bench>> = {
  publisher: publisherBench,
  persister: persisterBench,
  history: historyBench,
  'fan-out': fanOutBench,
  paced: pacedBench,
  echo: echoBench,
  connections: connectionsBench,
  idle: idleBench,
  filter: filterBench,
  feed: feedBench,
  mail: mailBench,
  replay: replayBench,
  presence: presenceBench,
  unread: unreadBench,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const [name = ''] = positionals;
const bench = BENCHES[name];
if (bench === undefined) throw new Error(`there is no bench ${JSON.stringify(name)}`);

const config = readConfig(process.env);
console.log(`\n== ${name}${values.quick ? ' (quick: the figures mean nothing)' : ''}`);
const setting = await describeSetting(config);
const profileDir = values.profile ? createProfileDir(config.rootDir, name) : null;
const report = await bench({ ...config, profileDir, isQuick: values.quick, say: (line) => console.log(line) });
const text = reportText(report, settingText(setting));
console.log(`\n${text}`);
if (profileDir !== null) console.log(`\n${profilesText(profileDir)}`);
const folder = join(config.rootDir, '.local/bench');
mkdirSync(folder, { recursive: true });
const json = { bench: name, isQuick: values.quick, setting, ...report };
writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(json, null, 2)}\n`);
if (values.write) {
  const file = join(config.rootDir, 'docs/performance.md');
  const section = { name, command: 'npm run bench -- --write' };
  writeFileSync(file, withSection(readFileSync(file, 'utf8'), section, text));
}
// Figures of a quick run judge nothing.
process.exitCode = values.quick || report.targets.every(({ isMet }) => isMet) ? 0 : 1;
