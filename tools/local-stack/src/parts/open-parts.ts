import type { ExternalParts } from '../config.ts';
import { hasDocker, startInDocker } from './docker.ts';
import { answersApiVersions, startKafka } from './kafka.ts';
import { PART_NAMES, StartError, type Part, type PartContext, type PartName } from './part.ts';
import { findPartPrograms } from './part-programs.ts';
import { answersQuery, startPostgres } from './postgres.ts';
import { answersPing, startRedis } from './redis.ts';

export interface OpenPartsOptions {
  readonly external: ExternalParts;
  readonly partsFrom: 'auto' | 'process';
  readonly path: string;
  readonly isRoot: boolean;
}

export type Parts = Readonly<Record<PartName, Part>>;

/**
 * The three parts: each from its address in the environment where given, else from a Docker engine if one answers, else
 * as a process. All are ready when it resolves; it rejects with the first failure, and the run ends the others.
 */
export async function openParts(context: PartContext, options: OpenPartsOptions): Promise<Parts> {
  const given = PART_NAMES.filter((name) => options.external[name] !== undefined);
  const wanted = PART_NAMES.filter((name) => options.external[name] === undefined);
  const [external, started] = await Promise.all([
    Promise.all(given.map((name) => useExternal(name, options.external[name] ?? ''))),
    startParts(context, wanted, options),
  ]);
  const parts = new Map([...external, ...started].map((part) => [part.name, part]));
  const named = (name: PartName): Part => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`${name} was not opened`);
    return part;
  };
  return { postgres: named('postgres'), redis: named('redis'), kafka: named('kafka') };
}

async function startParts(
  context: PartContext,
  names: readonly PartName[],
  options: OpenPartsOptions,
): Promise<Part[]> {
  if (names.length === 0) return [];
  if (options.partsFrom === 'auto' && (await hasDocker(context.run))) {
    try {
      return await startInDocker(context, names);
    } catch (error) {
      context.say(`Docker answers but does not run the parts, so they run without it: ${reasonOf(error)}`);
    }
  }
  return startProcesses(context, names, options);
}

async function startProcesses(context: PartContext, names: readonly PartName[], options: OpenPartsOptions) {
  const [bundled, others] = [names.filter((name) => name === 'postgres'), names.filter((name) => name !== 'postgres')];
  const [postgres, rest] = await Promise.all([
    Promise.all(bundled.map(() => startPostgres(context, options.isRoot))),
    startFromSystem(context, others, options),
  ]);
  return [...postgres, ...rest];
}

/** Parts whose programs are the system's. */
async function startFromSystem(context: PartContext, names: readonly PartName[], options: OpenPartsOptions) {
  const { redisServer, kafka } = await findPartPrograms(context, names, options);
  const starts: Partial<Record<PartName, () => Promise<Part>>> = {
    redis: () => startRedis(context, redisServer),
    kafka: async () => startKafka(context, await kafka()),
  };
  return Promise.all(names.flatMap((name) => starts[name]?.() ?? []));
}

/** A part that exists already: checked, and never stopped by us. */
async function useExternal(name: PartName, url: string): Promise<Part> {
  if (!(await answers(name, url))) throw new StartError(`${name} does not answer at the address in the environment`);
  return { name, url, pid: null, source: 'environment' };
}

async function answers(name: PartName, url: string): Promise<boolean> {
  if (name === 'postgres') return answersQuery(url);
  if (name === 'redis') {
    const { hostname, port, protocol } = new URL(url);
    return protocol === 'rediss:' || answersPing(hostname, port === '' ? 6379 : Number(port));
  }
  const brokers = url.split(',').map((broker) => broker.trim().split(':'));
  const outcomes = await Promise.all(
    brokers.map(([host, port]) => answersApiVersions(host ?? '', Number(port ?? 9092))),
  );
  return outcomes.some((isServing) => isServing);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
