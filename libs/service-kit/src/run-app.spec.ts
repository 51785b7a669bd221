import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ConfigError, integer, port, setting, SettingsUnavailableError, text } from './config.ts';
import type { SettingsServer } from './config-or-exit.ts';
import type { HttpListener } from './http-listener.ts';
import { Counter } from './metrics.ts';
import { runApp, type AppDefinition, type ProcessLike } from './run-app.ts';

const settings = {
  internalPort: setting('INTERNAL_PORT', port(0), 'internal port'),
  url: setting('URL', text(), 'where'),
  size: setting('SIZE', integer({ min: 1, max: 2, default: 1 }), 'how many'),
};

/** A process that the test ends; resolves `exited` with the code. */
function fakeProcess(env: Record<string, string>, argv: string[] = []) {
  const listeners = new Map<string, (cause: unknown) => void>();
  const { promise: exited, resolve } = Promise.withResolvers<number>();
  const written: string[] = [];
  const surroundings: ProcessLike = {
    argv,
    env: { LOG_LEVEL: 'silent', HOST: '127.0.0.1', ...env },
    exit: resolve,
    on: (event, listener) => listeners.set(event, listener),
    stdout: { write: (line) => written.push(line) },
    stderr: { write: (line) => written.push(line) },
  };
  return { surroundings, exited, written, emit: (event: string) => listeners.get(event)?.(new Error(event)) };
}

function appWith(change: Partial<AppDefinition<typeof settings>> = {}) {
  const steps: string[] = [];
  let listener: HttpListener | undefined;
  const app: AppDefinition<typeof settings> = {
    name: 'test-app',
    settings,
    createMetrics: (registry) =>
      new Counter({ name: 'chat_test_total', help: 'Of the app', labelNames: ['kind'], registers: [registry] }),
    createApp: (config, context) => {
      listener = context.internalListener(config.internalPort);
      const worker = {
        name: 'worker',
        start: () => (steps.push('start'), Promise.resolve()),
        stop: () => (steps.push('stop'), Promise.resolve()),
      };
      return [listener, worker];
    },
    ...change,
  };
  const get = (path: string) => fetch(`http://127.0.0.1:${listener?.port}${path}`);
  return { app, steps, get };
}

describe('the run of an app', () => {
  it('starts, answers on its internal listener, and stops with 0 on SIGTERM', async () => {
    const { app, steps, get } = appWith();
    const { surroundings, exited, emit } = fakeProcess({ URL: 'x' });
    await runApp(app, surroundings);
    expect((await get('/livez')).status).toBe(200);
    expect(await (await get('/readyz')).json()).toEqual({ status: 'UP', dependencies: {} });
    expect(await (await get('/version')).json()).toMatchObject({ app: 'test-app', node: process.version });
    expect(await (await get('/metrics')).text()).toContain('process_cpu_seconds_total');
    expect((await get('/internal/nothing')).status).toBe(404);
    emit('SIGTERM');
    expect(await exited).toBe(0);
    expect(steps).toEqual(['start', 'stop']);
  });

  it('ends with 1 after an exception that nobody caught, having stopped its services', async () => {
    const { app, steps } = appWith();
    const { surroundings, exited, emit } = fakeProcess({ URL: 'x' });
    await runApp(app, surroundings);
    emit('uncaughtException');
    expect(await exited).toBe(1);
    expect(steps).toEqual(['start', 'stop']);
  });

  it('ends with 1 where a port is taken', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { app, steps } = appWith();
    const taken = String((blocker.address() as AddressInfo).port); // a TCP server has a port
    const { surroundings, exited } = fakeProcess({ URL: 'x', INTERNAL_PORT: taken });
    await runApp(app, surroundings);
    expect(await exited).toBe(1);
    expect(steps).toEqual([]);
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('prints every problem of its configuration and ends with 78', async () => {
    const { surroundings, exited, written } = fakeProcess({ SIZE: '3' });
    await runApp(appWith().app, surroundings);
    expect(await exited).toBe(78);
    expect(written.join('')).toMatch(/URL is required[\s\S]*SIZE/);
  });

  it('reads what is configured elsewhere, for a check too, and ends with 78 where that is wrong or 1 where it cannot be had', async () => {
    const served = (text: string) => async () => ({ texts: new Map([['URL', { text, from: 'a file' }]]), note: null });
    const fails = (error: Error) => () => Promise.reject(error);
    const codeOf = async (read: SettingsServer['read']) => {
      const { surroundings, exited, written } = fakeProcess({}, ['--check-config']);
      await runApp(appWith({ served: { settings: {}, read } }).app, surroundings);
      return [await exited, written.join('')];
    };
    expect(await codeOf(served('x'))).toEqual([0, '']);
    expect(await codeOf(served(''))).toEqual([78, expect.stringContaining('URL is required (it is "", from a file)')]);
    expect(await codeOf(fails(new ConfigError(['it refuses us'])))).toEqual([
      78,
      expect.stringContaining('refuses us'),
    ]);
    expect(await codeOf(fails(new SettingsUnavailableError('it is away')))).toEqual([1, 'test-app: it is away\n']);
  });

  it('exits 78 where its values do not go together', async () => {
    const { app, steps } = appWith();
    for (const argv of [[], ['--check-config']]) {
      const { surroundings, exited, written } = fakeProcess({ URL: 'x', SIZE: '2' }, argv);
      await runApp(
        { ...app, problemsOf: ({ url, size }) => [`URL ${url} is too small for SIZE ${size}`] },
        surroundings,
      );
      expect(await exited).toBe(78);
      expect(written.join('')).toContain('URL x is too small for SIZE 2');
    }
    expect(steps).toEqual([]);
  });

  it('only reads its configuration for --check-config, and describes it for --describe-config', async () => {
    const { app, steps } = appWith();
    const checked = fakeProcess({ URL: 'x' }, ['--check-config']);
    await runApp(app, checked.surroundings);
    expect(await checked.exited).toBe(0);
    const described = fakeProcess({}, ['--describe-config']);
    await runApp(app, described.surroundings);
    expect(await described.exited).toBe(0);
    expect(JSON.parse(described.written.join(''))).toContainEqual({
      env: 'URL',
      standard: 'required',
      about: 'where',
      isSecret: false,
    });
    expect(steps).toEqual([]);
  });

  it('describes its metrics and those of every app for --describe-metrics, without a configuration', async () => {
    const { app, steps } = appWith();
    const { surroundings, exited, written } = fakeProcess({}, ['--describe-metrics']);
    await runApp(app, surroundings);
    expect(await exited).toBe(0);
    const rows: unknown = JSON.parse(written.join(''));
    expect(rows).toContainEqual({ name: 'chat_test_total', type: 'counter', help: 'Of the app', labels: ['kind'] });
    expect(rows).toContainEqual(expect.objectContaining({ name: 'chat_ready', type: 'gauge', labels: [] }));
    expect(rows).toContainEqual(expect.objectContaining({ name: 'process_cpu_seconds_total', type: 'counter' }));
    expect(steps).toEqual([]);
  });
});
