import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { APPS, inRepository, strongSecret, type AppName } from '../repository.ts';
import { runTool } from '../run-tool.ts';
import { ImageBuilder, type Image } from './build-image.ts';
import { readDockerfile } from './dockerfile.ts';
import { enterCommand } from './enter.ts';

const BUILD_DEADLINE_MS = 20 * 60_000;
const READY_DEADLINE_MS = 60_000;
/** DESIGN's P9. */
const DRAIN_DEADLINE_MS = 25_000;
const ASK_EVERY_MS = 500;

let folder: string;
let images: Record<AppName, Image>;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  if (process.getuid?.() !== 0)
    throw new Error('an image is built in a namespace of its own: run this as root on Linux');
  folder = mkdtempSync(join(tmpdir(), 'chat-image-'));
  chmodSync(folder, 0o755); // the apps are other users
  const builder = new ImageBuilder(folder, (line) => console.log(line));
  const made: [AppName, Image][] = [];
  for (const app of APPS) made.push([app, await builder.build({ APP: app, REVISION: 'here' })]);
  images = Object.fromEntries(made) as Record<AppName, Image>; // one entry an app
}, BUILD_DEADLINE_MS);
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A command in a container of the image: its user, a root filesystem that is read-only, no rights. */
function start(image: Image, command: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const entering = { ...image, env: { ...image.env, ...env }, command, isReadOnly: true };
  const { program, args, options } = enterCommand(entering);
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve)).finally(() =>
    running.delete(child),
  );
  return { child, ended, output: () => output };
}

async function run(image: Image, command: readonly string[], env?: Readonly<Record<string, string>>) {
  const { ended, output } = start(image, command, env);
  return { code: await ended, output: output() };
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo; // of a TCP server
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

/** The parts of `npm run test:image`. */
function parts(): Record<'DATABASE_URL' | 'REDIS_URL' | 'KAFKA_BROKERS', string> {
  const { DATABASE_URL, REDIS_URL, KAFKA_BROKERS } = process.env;
  if (!DATABASE_URL || !REDIS_URL || !KAFKA_BROKERS)
    throw new Error('there are no parts: run this by npm run test:image');
  return { DATABASE_URL, REDIS_URL, KAFKA_BROKERS };
}

describe('every image', () => {
  it('can migrate, and does so before the apps start', async () => {
    const url = new URL(parts().DATABASE_URL);
    url.pathname = '/chat_image';
    const migrate = ['tini', '--', 'node', '/app/libs/database/dist/migrate/main.js'];
    const first = await run(images['presence-worker'], migrate, { DATABASE_URL: url.href });
    expect([first.code, first.output]).toEqual([0, expect.stringContaining('chat_image is up to date')]);
    expect(await run(images['rooms-api'], migrate, { DATABASE_URL: url.href })).toMatchObject({ code: 0 });
  });

  it.each(APPS)('of %s has no tools of development, no sources, and no other app', (app) => {
    const inImage = (...path: readonly string[]) => readdirSync(join(images[app].root, 'app', ...path));
    const packages = inImage('node_modules');
    expect(packages.length).toBeGreaterThan(10);
    expect(
      packages.filter((name) => ['vitest', 'vite', 'nx', 'eslint', 'prisma', 'playwright-core'].includes(name)),
    ).toEqual([]);
    expect(inImage('apps', app).sort()).toEqual(expect.arrayContaining(['dist', 'package.json', 'settings.json']));
    const others = APPS.filter(
      (other) => other !== app && existsSync(join(images[app].root, 'app/apps', other, 'dist')),
    );
    expect(others).toEqual([]);
    expect(existsSync(join(images[app].root, 'app/libs/database/src'))).toBe(false);
  });

  it.each(APPS)('of %s has no file that its user can change', async (app) => {
    const find = ['find', '/app', '-xdev', '(', '-user', '1000', '-o', '-perm', '/022', ')', '!', '-type', 'l'];
    expect(await run(images[app], find)).toEqual({ code: 0, output: '' });
    const write = await run(images[app], ['sh', '-c', 'id -u; touch /app/x; touch /tmp/x']);
    expect(write.output).toMatch(/^1000\n[^]*Read-only file system[^]*Read-only file system/);
  });

  it.each(APPS)('of %s checks its configuration, and says what is missing', async (app) => {
    const { code, output } = await run(images[app], [...images[app].command, '--check-config']);
    expect([code, output]).toEqual([78, expect.stringContaining('DATABASE_URL is required')]);
  });
});

describe.each(APPS)('the container of %s', (app) => {
  it(
    'becomes ready, says so to HEALTHCHECK, and ends in order at SIGTERM',
    { timeout: READY_DEADLINE_MS + DRAIN_DEADLINE_MS + 30_000 },
    async () => {
      const image = images[app];
      const [port, internalPort] = [await freePort(), await freePort()];
      const env = {
        ...parts(),
        KAFKA_REPLICAS: '1',
        JWT_SECRET: strongSecret(),
        PORT: port,
        INTERNAL_PORT: internalPort,
      };
      const ask = (path?: string) => run(image, [...image.healthcheck, ...(path === undefined ? [] : [path])], env);
      expect(await ask()).toMatchObject({ code: 1, output: expect.stringContaining('ECONNREFUSED') });

      const container = start(image, image.command, env);
      await expect
        .poll(async () => (await ask('/readyz')).code, {
          timeout: READY_DEADLINE_MS,
          interval: ASK_EVERY_MS,
          message: container.output(),
        })
        .toBe(0);
      expect(await ask()).toEqual({ code: 0, output: expect.stringContaining('{') });
      const doctor = [
        'node',
        '/app/tools/chatctl/dist/main.js',
        'doctor',
        '--internal-url',
        `http://127.0.0.1:${internalPort}`,
      ];
      const { code, output } = await run(image, doctor, env);
      expect([code, output]).toEqual([0, expect.stringMatching(/ok +kafka[^]*ok +postgres[^]*is ready/)]);
      const version: unknown = await (await fetch(`http://127.0.0.1:${internalPort}/version`)).json();
      const [, node] = /^node:([\d.]+)-/.exec(readDockerfile().globals['NODE_IMAGE'] ?? '') ?? [];
      expect(version).toMatchObject({ app, node: `v${node}` });

      const stoppedAt = performance.now();
      container.child.kill('SIGTERM');
      expect([
        await container.ended,
        container
          .output()
          .split('\n')
          .filter((line) => line.includes('"level":50')),
      ]).toEqual([0, []]);
      expect(performance.now() - stoppedAt).toBeLessThan(DRAIN_DEADLINE_MS);
    },
  );
});

describe('the proxy of profile scale', () => {
  it('has a configuration that HAProxy takes', async () => {
    const file = inRepository('docker/haproxy/haproxy.cfg');
    expect(await runTool('haproxy', ['-c', '-f', file], { deadlineMs: 20_000 })).toContain(
      'Configuration file is valid',
    );
  });
});
