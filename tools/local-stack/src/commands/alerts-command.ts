import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppGroup } from '../apps/app-group.ts';
import { StartError } from '../parts/part.ts';
import { findOrInstall, PROMETHEUS } from '../parts/system-program.ts';
import { Ports } from '../ports.ts';
import type { Run } from '../processes/run.ts';
import { waitUntil } from '../wait.ts';
import { UsageError, type CommandContext } from './command.ts';
import { inLanguageRun } from './language-run.ts';
import { openOwnApps } from './own-apps.ts';

const PROMTOOL_DEADLINE_MS = 60_000;
const READY_DEADLINE_MS = 30_000;
const QUERIES_DEADLINE_MS = 3 * 60_000;
const RULES = 'docker/prometheus/alerts.yml';
const RULE_TESTS = 'docker/prometheus/alerts.test.yml';

/**
 * `npm run test:alerts`: promtool checks the alert rules and runs their tests; then a real Prometheus scrapes the apps, on parts
 * of the run's own, and is asked every query that dashboards, alerts and runbooks have. Exit status 0 when all is well, 1 where
 * a rule or a query is not, 128 + signal when interrupted.
 */
export async function alertsCommand(command: CommandContext): Promise<number> {
  if (command.args.length > 0) throw new UsageError('test:alerts takes no words: it tests all alerts and dashboards');
  return inLanguageRun(command, (run) => testAlerts(command, run));
}

async function testAlerts(command: CommandContext, run: Run): Promise<void> {
  const { path, isRoot, rootDir } = command.config;
  await findOrInstall([PROMETHEUS], { run, path, isRoot, say: command.say });
  await show(command, run, 'promtool', ['check', 'rules', join(rootDir, RULES)], PROMTOOL_DEADLINE_MS);
  await show(command, run, 'promtool', ['test', 'rules', join(rootDir, RULE_TESTS)], PROMTOOL_DEADLINE_MS);
  const { apps, parts } = await openOwnApps(command, run, 'alerts');
  command.say('Starting Prometheus');
  const url = await startPrometheus(run, apps, { rootDir, logDir: parts.logDir });
  const program = join(rootDir, 'tools/monitoring/src/main.ts');
  await show(command, run, process.execPath, ['--conditions=@chat/source', program, url], QUERIES_DEADLINE_MS);
}

/** Runs a program whose output is the user's. */
async function show(
  { config: { rootDir } }: CommandContext,
  run: Run,
  command: string,
  args: readonly string[],
  deadlineMs: number,
): Promise<void> {
  const onOutput = (chunk: Buffer) => process.stdout.write(chunk);
  await run.exec({
    name: `test:alerts (${args.at(-1)})`,
    command,
    args,
    cwd: rootDir,
    deadlineMs,
    onOutput,
    tailLines: 0,
  });
}

/** Its address; its data go with the logs. */
async function startPrometheus(
  run: Run,
  { placed }: AppGroup,
  { rootDir, logDir }: { readonly rootDir: string; readonly logDir: string },
): Promise<string> {
  const folder = join(logDir, 'prometheus');
  mkdirSync(folder, { recursive: true });
  const jobs = Map.groupBy(placed, ({ app }) => app);
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(rootDir, RULES)],
    scrape_configs: Array.from(jobs, ([app, instances]) => ({
      job_name: app,
      static_configs: [{ targets: instances.map(({ ports }) => `127.0.0.1:${ports.internal}`) }],
    })),
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config)); // JSON is YAML
  const address = `127.0.0.1:${await new Ports().take()}`;
  const files = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = run.spawn({
    name: 'prometheus',
    command: 'prometheus',
    args: [...files, `--web.listen-address=${address}`],
    logFile: join(logDir, 'prometheus.log'),
  });
  const url = `http://${address}`;
  const isReady = async () => (await fetch(`${url}/-/ready`)).ok;
  const giveUp = () => child.end !== null;
  if (await waitUntil(isReady, { deadlineMs: READY_DEADLINE_MS, giveUp })) return url;
  throw new StartError(`Prometheus is not ready: see ${join(logDir, 'prometheus.log')}`);
}
