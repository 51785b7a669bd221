import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { RestCaller } from './clients/rest-caller.ts';
import { INSTANCE_NAMES, scriptOf, type InstanceName } from './harness/app-instances.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

const DEPENDENCIES: Readonly<Record<InstanceName, readonly string[]>> = {
  'rooms-api': ['kafka', 'postgres', 'redis'],
  'ws-gateway-1': ['kafka', 'postgres', 'redis'],
  'ws-gateway-2': ['kafka', 'postgres', 'redis'],
  'presence-worker': ['kafka', 'postgres', 'redis'],
  'message-persister': ['kafka', 'postgres'],
};

describe.each(INSTANCE_NAMES)('%s', (name) => {
  const internal = () => new RestCaller(chat.addresses.internalUrls[name]);

  it('is alive', async () => {
    const { status, body } = await internal().get('/livez');

    expect(status).toBe(200);
    expect(body).toEqual({ status: 'UP' });
  });

  it('is ready and names each dependency', async () => {
    const { status, body } = await internal().get<{ status: string; dependencies: Record<string, unknown> }>('/readyz');

    expect(status).toBe(200);
    expect(body.status).toBe('UP');
    expect(Object.keys(body.dependencies)).toEqual(expect.arrayContaining([...DEPENDENCIES[name]]));
  });

  it('tells its version', async () => {
    const { status, body } = await internal().get('/version');

    expect(status).toBe(200);
    expect(body).toMatchObject({ app: name.replace(/-[12]$/, ''), version: expect.any(String) as string });
  });

  it('has metrics without ids of users or rooms in their labels', async () => {
    const response = await fetch(`${chat.addresses.internalUrls[name]}/metrics`);
    const text = await response.text();

    expect(response.status).toBe(200);
    expect(text).toMatch(/^# HELP /m);
    expect(text).not.toMatch(/(user|room)_?id=/i);
  });

  it('answers 404 where it has nothing', async () => {
    expect((await internal().get('/nothing')).status).toBe(404);
  });
});

describe.each(INSTANCE_NAMES.filter((name) => name !== 'ws-gateway-2'))('%s without its configuration', (name) => {
  it('ends with 78, names every problem at once and no secret', async () => {
    const secret = 'too-short-a-secret';
    const env = { PATH: process.env['PATH'], JWT_SECRET: secret, INTERNAL_PORT: 'x', KAFKA_REPLICAS: '0' };

    const end = await promisify(execFile)(process.execPath, [scriptOf(name)], { env, timeout: 20_000 }).then(
      () => ({ code: 0, stderr: '' }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
    );

    expect(end.code).toBe(78);
    for (const variable of ['DATABASE_URL', 'KAFKA_BROKERS', 'INTERNAL_PORT', 'KAFKA_REPLICAS']) {
      expect(end.stderr).toContain(variable);
    }
    expect(end.stderr).not.toContain(secret);
  });
});
