import { PART_VARIABLES, partsOf } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { AREAS, findingsOf, isHealthy, type Finding, type Level } from '../doctor/finding.ts';
import { lookAtApps, lookAtParts } from '../doctor/look.ts';
import { FailedQuietly, UsageError } from '../failure.ts';
import type { Output } from '../output/output.ts';

export interface DoctorOptions {
  /** Internal addresses of apps. */
  readonly internalUrl?: readonly string[] | undefined;
}

const NO_APPS = findingsOf('apps').warning(
  'none was looked at',
  'Name their internal addresses by --internal-url, or start the local stack.',
);

/** Looks at everything that the chat needs, and says what is wrong with what to do about it. */
export async function doctorCommand({ environment, output }: CommandContext, options: DoctorOptions): Promise<void> {
  const urls = appUrls(options, environment.stack?.internalUrls);
  const env = partsOf(environment);
  if (Object.keys(urls).length === 0 && PART_VARIABLES.every((name) => env[name] === undefined)) {
    throw new UsageError(`There is nothing to look at: run \`npm start\`, or set ${PART_VARIABLES.join(', ')}`);
  }
  const [parts, apps] = await Promise.all([lookAtParts(env), lookAtApps(urls)]);
  const all = [...parts, ...(Object.keys(urls).length === 0 ? [NO_APPS] : apps)];
  const findings = AREAS.flatMap((area) => all.filter((finding) => finding.area === area));
  const healthy = isHealthy(findings);
  output.result({ healthy, findings }, () => findings.map((finding) => describe(finding, output)).join('\n'));
  if (!healthy) throw new FailedQuietly();
}

function appUrls({ internalUrl }: DoctorOptions, ofStack: Readonly<Record<string, string>> = {}) {
  return internalUrl === undefined ? ofStack : Object.fromEntries(internalUrl.map((url) => [url, url]));
}

const MARKS: Readonly<Record<Level, readonly ['green' | 'yellow' | 'red', string]>> = {
  ok: ['green', 'ok     '],
  warning: ['yellow', 'warning'],
  error: ['red', 'error  '],
};

function describe({ area, level, finding, remedy }: Finding, { paint }: Output): string {
  const line = `${paint(...MARKS[level])}  ${area.padEnd(8)}  ${finding}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(19)}${paint('bold', remedy)}`;
}
