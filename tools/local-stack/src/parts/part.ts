import { join } from 'node:path';
import type { LocalConfig } from '../config.ts';
import { describeEnd, type Child, type ChildSpec } from '../processes/child.ts';
import type { Run } from '../processes/run.ts';
import { Ports } from '../ports.ts';
import { waitUntil } from '../wait.ts';

export const PART_NAMES = ['postgres', 'redis', 'kafka'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** A service that the apps need, ready for use. It ends with the run it was started in. */
export interface Part {
  readonly name: PartName;
  /** What goes into DATABASE_URL, REDIS_URL or KAFKA_BROKERS. */
  readonly url: string;
  /** Its process, where it was started here. */
  readonly pid: number | null;
  /** In one word, where it comes from: "environment", "docker" or "process". */
  readonly source: 'environment' | 'docker' | 'process';
}

/** What parts are started with. */
export interface PartContext {
  readonly run: Run;
  readonly ports: Ports;
  /** Repository root. */
  readonly rootDir: string;
  /** Programs and libraries that all runs of this clone share. */
  readonly cacheDir: string;
  readonly dataDir: string;
  readonly logDir: string;
  /** True keeps data between runs; false is for data that is thrown away, and faster. */
  readonly isDurable: boolean;
  /** True tries the usual port first; false always takes another one. */
  readonly usesStandardPorts: boolean;
  /** Tells the user one line. */
  readonly say: (line: string) => void;
}

/** For parts whose data and logs lie in `folder` and go with the run, on ports that nobody expects. */
export function throwawayContext(options: {
  readonly run: Run;
  readonly folder: string;
  readonly config: Pick<LocalConfig, 'rootDir' | 'cacheDir'>;
  readonly say: (line: string) => void;
}): PartContext {
  const { run, folder, config, say } = options;
  run.owns(folder);
  return {
    run,
    ports: new Ports(),
    rootDir: config.rootDir,
    cacheDir: config.cacheDir,
    dataDir: join(folder, 'data'),
    logDir: join(folder, 'logs'),
    isDurable: false,
    usesStandardPorts: false,
    say,
  };
}

/** A part or an app did not become ready; the message ends with the last lines of its log. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Waits until the probe says that a started process is ready. Throws a StartError when it ended or takes too long. */
export async function waitUntilReady(child: Child, probe: () => Promise<boolean>, deadlineMs: number): Promise<void> {
  const isReady = await waitUntil(probe, { deadlineMs, giveUp: () => child.end !== null });
  if (isReady && child.end === null) return;
  const why = child.end
    ? `ended at its start (${describeEnd(child.end)})`
    : `is not ready after ${deadlineMs / 1000} s`;
  const tail = child.logTail();
  throw new StartError(`${child.name} ${why}${tail === '' ? '' : `. The end of its log:\n${indent(tail)}`}`);
}

/** Waits for a part's readiness, and from then on tells the user should its process end by itself. */
async function waitForPart(
  context: PartContext,
  child: Child,
  probe: () => Promise<boolean>,
  deadlineMs: number,
): Promise<void> {
  await waitUntilReady(child, probe, deadlineMs);
  void child.ended.then((end) => {
    if (child.isStopping) return;
    context.say(`${child.name} ended (${describeEnd(end)}). The end of its log:\n${indent(child.logTail())}`);
  });
}

/** How a process of a part is started, the first time and every other one: on the same ports and data. */
export interface PartProgram {
  readonly spec: Omit<ChildSpec, 'env'> & { readonly env?: NodeJS.ProcessEnv };
  readonly isReady: () => Promise<boolean>;
  /** From its start, in ms. */
  readonly readyDeadlineMs: number;
}

/** Starts the process; resolves once it is ready. */
export async function startProgram(context: PartContext, program: PartProgram): Promise<Child> {
  const child = context.run.spawn(program.spec);
  await waitForPart(context, child, program.isReady, program.readyDeadlineMs);
  return child;
}

export function standardPort(context: PartContext, port: number): number | undefined {
  return context.usesStandardPorts ? port : undefined;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}
