import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Run } from '../processes/run.ts';
import { answersApiVersions } from './kafka.ts';
import { StartError, standardPort, type Part, type PartContext, type PartName } from './part.ts';
import { answersQuery, DATABASE } from './postgres.ts';
import { answersPing } from './redis.ts';
import { waitUntil } from '../wait.ts';

const PROBE_DEADLINE_MS = 5_000;
/** Images may have to be fetched first. */
const UP_DEADLINE_MS = 600_000;
/** How often a wait for Docker is told, in ms. */
const TELL_EVERY_MS = 15_000;
const READY_DEADLINE_MS = 45_000;
const LOGS_DEADLINE_MS = 10_000;

/** Whether a Docker engine answers and can run a compose file. */
export async function hasDocker(run: Run): Promise<boolean> {
  const ask = (args: readonly string[]) =>
    run.exec({ name: 'docker', command: 'docker', args, deadlineMs: PROBE_DEADLINE_MS, stopGraceMs: 500 });
  try {
    await ask(['version', '--format', '{{.Server.Version}}']);
    await ask(['compose', 'version']);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts services of `docker-compose.yml` under a project name of this clone's own. Tells the user that images may be
 * pulled, which are, and every `tellsEveryMs` that it still waits.
 */
export async function startInDocker(
  context: PartContext,
  names: readonly PartName[],
  tellsEveryMs = TELL_EVERY_MS,
): Promise<Part[]> {
  const ports = {
    postgres: await context.ports.take(standardPort(context, 5432)),
    redis: await context.ports.take(standardPort(context, 6379)),
    kafka: await context.ports.take(standardPort(context, 9092)),
  };
  const compose = ['compose', '-p', projectName(context), '-f', join(context.rootDir, 'docker-compose.yml')];
  const exec = (args: readonly string[], deadlineMs: number, onOutput?: (chunk: Buffer) => void) =>
    context.run.exec({
      name: `docker compose ${args[0]}`,
      command: 'docker',
      args: [...compose, ...args],
      env: {
        CHAT_POSTGRES_PORT: String(ports.postgres),
        CHAT_REDIS_PORT: String(ports.redis),
        CHAT_KAFKA_PORT: String(ports.kafka),
      },
      deadlineMs,
      ...(onOutput && { onOutput }),
    });
  context.run.endsWith(['docker', ...compose, 'down', ...(context.isDurable ? [] : ['--volumes'])]);
  const urls: Record<PartName, string> = {
    postgres: `postgresql://postgres:postgres@127.0.0.1:${ports.postgres}/${DATABASE}`,
    redis: `redis://127.0.0.1:${ports.redis}`,
    kafka: `127.0.0.1:${ports.kafka}`,
  };
  const probes: Record<PartName, () => Promise<boolean>> = {
    postgres: () => answersQuery(urls.postgres),
    redis: () => answersPing('127.0.0.1', ports.redis),
    kafka: () => answersApiVersions('127.0.0.1', ports.kafka),
  };
  await tellingOfWait({ names, tellsEveryMs, say: context.say }, () =>
    exec(['up', '--detach', ...names], UP_DEADLINE_MS, tellPulls(context.say)),
  );
  for (const name of names) {
    if (await waitUntil(probes[name], { deadlineMs: READY_DEADLINE_MS, everyMs: 200 })) continue;
    const log = await exec(['logs', '--no-color', '--tail', '25', name], LOGS_DEADLINE_MS);
    throw new StartError(`${name} is not ready after ${READY_DEADLINE_MS / 1000} s. The end of its log:\n${log}`);
  }
  return names.map((name) => ({ name, url: urls[name], pid: null, source: 'docker' }));
}

interface WaitTold {
  readonly names: readonly PartName[];
  readonly tellsEveryMs: number;
  readonly say: (line: string) => void;
}

async function tellingOfWait({ names, tellsEveryMs, say }: WaitTold, work: () => Promise<unknown>): Promise<void> {
  const [what, startedAt] = [names.join(', '), performance.now()];
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  say(
    `Docker starts ${what}; images that are not here yet are pulled first, which may take up to ${UP_DEADLINE_MS / 1000} s`,
  );
  const timer = setInterval(() => say(`Docker is still starting ${what} (${seconds()} s)`), tellsEveryMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

/** Tells the lines "… Pulling" and "… Pulled" of compose, which come once an image; those of its layers are left out. */
function tellPulls(say: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (/ (Pulling|Pulled)\s*$/.test(line)) say(`Docker: ${line.trim()}`);
  };
}

/** One compose project per data folder, so that clones and test runs keep apart. */
function projectName({ dataDir }: PartContext): string {
  return `chat-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
}
