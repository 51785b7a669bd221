import { describe, expect, it } from 'vitest';
import { RestCaller } from './clients/rest-caller.ts';
import { INSTANCE_NAMES, type InstanceName } from './harness/app-instances.ts';
import { exitOfApp } from './harness/exit-of-app.ts';
import { sharedEnvironment } from './harness/shared-environment.ts';
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

    const end = await exitOfApp(name, { JWT_SECRET: secret, INTERNAL_PORT: 'x', KAFKA_REPLICAS: '0' });

    expect(end.code).toBe(78);
    for (const variable of ['DATABASE_URL', 'KAFKA_BROKERS', 'INTERNAL_PORT', 'KAFKA_REPLICAS']) {
      expect(end.stderr).toContain(variable);
    }
    expect(end.stderr).not.toContain(secret);
  });
});

describe.each([
  ['rooms-api', ['JWT_SECRET', 'GATEWAY_SIGNATURE_KEYS: the secret of edge-1']],
  ['ws-gateway', ['JWT_SECRET']],
] as const)('%s in production', (name, weak) => {
  it('ends with 78 for each secret that is good enough to try things out, and says none of them', async () => {
    const [secret, key] = [chat.addresses.jwtSecret, 'changeme-please-'.repeat(3)];
    const shared = sharedEnvironment(chat.addresses);

    const end = await exitOfApp(name, { ...shared, GATEWAY_SIGNATURE_KEYS: `edge-1:${key}`, NODE_ENV: 'production' });

    expect(end.code).toBe(78);
    for (const setting of weak) expect(end.stderr).toContain(`${setting} is one of examples`);
    for (const text of [secret, key]) expect(end.stderr).not.toContain(text);
  });
});
