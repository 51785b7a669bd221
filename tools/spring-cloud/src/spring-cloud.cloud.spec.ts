import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createChatClient, type ChatClient } from '@chat/client';
import { createToken, eventually, RawStompClient, TEST_JWT_SECRET } from '@chat/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { placeCloud, scriptOf, type AppName, type Cloud } from './cloud.ts';
import { readConfig } from './config.ts';
import { instancesOf } from './registry.ts';

const [ANN, BEN] = [7, 8];
/** What Eureka knows is with the API gateways a second later. */
const REGISTRY_DEADLINE_MS = 20_000;
/** The load balancer takes turns, so that this many more sessions are at either gateway for certain. */
const SESSIONS_UNTIL_THERE = 4;
const patiently = { deadlineMs: REGISTRY_DEADLINE_MS, everyMs: 100 };

let cloud: Cloud;
const clients: ChatClient[] = [];

beforeAll(async () => {
  cloud = await placeCloud(readConfig(process.env), process.env['REDIS_URL'] ?? '');
  await Promise.all([cloud.eureka, cloud.configServer].map((server) => server.start()));
  const all: readonly AppName[] = ['rooms-api', 'presence-worker', 'message-persister', 'ws-gateway-1', 'ws-gateway-2'];
  await Promise.all(all.map((name) => cloud.apps[name].service.start()));
  await cloud.apiGateway.start();
  await eventually(() => expectRoute(cloud.edge), patiently);
});
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));
afterAll(() => cloud?.close());

const tokenOf = (userId: number) => createToken({ userId, secret: TEST_JWT_SECRET });

/** Throws until the API gateway knows an instance of REST and one of WebSockets. */
async function expectRoute(edge: string) {
  expect((await request(edge, 'GET', '/api/v1/chat/chat-rooms/user', { token: ANN })).status).toBe(200);
  (await RawStompClient.open(`ws://${edge}/ws`)).close();
}

/** As a user with a token, or as one who has signed in at the API gateway. */
async function request(
  edge: string,
  method: string,
  path: string,
  who: { token?: number; demoUser?: number },
  body?: unknown,
) {
  const response = await fetch(`http://${edge}${path}`, {
    method,
    headers: {
      ...(who.token !== undefined && { authorization: `Bearer ${tokenOf(who.token)}` }),
      ...(who.demoUser !== undefined && { 'x-demo-user': String(who.demoUser) }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** A room of both, made through the API gateway. */
async function roomOfBoth(edge = cloud.edge): Promise<number> {
  const { status, body } = await request(
    edge,
    'POST',
    '/api/v1/chat/chat-rooms',
    { token: ANN },
    { name: 'Dev', description: '', type: 'GROUP' },
  );
  expect(status).toBe(201);
  expect((await request(edge, 'POST', `/api/v1/chat/chat-rooms/join/${body.id}`, { token: BEN })).status).toBe(200);
  return body.id;
}

/** A client of the SDK that comes in through the API gateway, and what it has got of the room. */
async function clientOf(userId: number, roomId: number) {
  const client = createChatClient({
    gatewayUrl: `ws://${cloud.edge}/ws`,
    apiUrl: `http://${cloud.edge}`,
    getToken: () => tokenOf(userId),
  });
  clients.push(client);
  client.connect();
  const contents: string[] = [];
  const gaps: string[] = [];
  const open = client.room(roomId).open({
    onMessage: ({ content }) => contents.push(content),
    onDiscontinuity: ({ missing, reason }) => gaps.push(`${missing}: ${reason}`),
  });
  await eventually(() => expect(open.state.get().name).toBe('live'));
  return { client, contents, gaps, send: (content: string) => client.room(roomId).send(content) };
}

const statusesOf = async (appName: string) =>
  (await instancesOf(cloud.eurekaUrl, appName)).map(({ status }) => status).toSorted();

/** What the log of an app says of the settings that it was served, or of there being none. */
function servedTo(name: AppName) {
  const lines = cloud.apps[name].service.readLog().split('\n');
  const line = lines.find((each) => each.includes('settings read from') || each.includes('without the config server'));
  const { asked, label, reason, sources = [] } = JSON.parse(line ?? '{}');
  const files = sources.map((source: string) => source.replace(/^.*\/config\//, '').replace(/\].*$/, ''));
  return { asked, label, reason, files };
}

/** How an app ends that is started with nothing but this. */
async function endWith(env: Readonly<Record<string, string>>) {
  try {
    await promisify(execFile)(process.execPath, [scriptOf('rooms-api')], { env, timeout: 30_000 });
    return { code: 0, stderr: '' };
  } catch (error) {
    const { code, stderr } = error as { code: number | null; stderr: string }; // of execFile
    return { code, stderr };
  }
}

async function allowedOrigin(name: AppName, origin: string) {
  const url = `http://127.0.0.1:${cloud.apps[name].publicPort}/api/v1/chat/chat-rooms`;
  return (await fetch(url, { headers: { origin } })).headers.get('access-control-allow-origin');
}

describe('the config server', () => {
  it('decides on topics by the application.yml that it serves, and the environment wins over it', async () => {
    const sizes = await Promise.all(
      ['chat-messages', 'room-events', 'session-events'].map(async (topic) => {
        const topics = [`${cloud.kafka.topicPrefix}${topic}`];
        const [found] = (await cloud.kafka.admin.fetchTopicMetadata({ topics })).topics;
        return [found?.partitions.length, found?.partitions[0]?.replicas.length];
      }),
    );
    expect(sizes).toEqual([
      [5, 1],
      [2, 1],
      [6, 1], // as the contracts have it; with the replicas of the environment, there are 3 in the file
    ]);
  });

  it('serves what is for one app alone, most specific first', () => {
    const { asked, files } = servedTo('rooms-api');
    expect(asked).toBe('rooms-api/test');
    expect(files).toEqual(['application-test.yml', 'rooms-api.yml', 'application.yml']);
  });

  it('lets pages of a list in its YAML read REST', async () => {
    const origin = 'https://admin.chat.example';
    expect(await allowedOrigin('rooms-api', origin)).toBe(origin);
  });

  it('serves an instance with a label what lies under it, before the rest', async () => {
    const [canary, admin] = ['https://canary.chat.example', 'https://admin.chat.example'];
    const { service } = cloud.apps['rooms-api-canary'];
    await service.start();
    expect(servedTo('rooms-api-canary')).toMatchObject({
      label: 'canary',
      files: expect.arrayContaining(['canary/rooms-api.yml', 'application-test.yml', 'application.yml']),
    });
    expect(await allowedOrigin('rooms-api-canary', canary)).toBe(canary);
    expect(await allowedOrigin('rooms-api-canary', admin)).toBeNull();
    expect(await service.terminate()).toMatchObject({ code: 0 });
  });

  it('that is away, or takes no such password, ends an app at its start, which says why', async () => {
    const { configUrl, nobodysUrl } = cloud;
    const away = await endWith({ SPRING_CONFIG_URI: nobodysUrl, SPRING_CONFIG_DEADLINE_MS: '0' });
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('connect ECONNREFUSED') });
    const wrong = { SPRING_CONFIG_USERNAME: 'chat', SPRING_CONFIG_PASSWORD: 'another' };
    const denied = await endWith({ SPRING_CONFIG_URI: configUrl, ...wrong });
    expect(denied).toMatchObject({ code: 78, stderr: expect.stringContaining('(status 401)') });
    expect(denied.stderr).not.toContain('another');
  });

  it('is done without where an app is told to, on its environment alone', async () => {
    const { service } = cloud.apps['rooms-api-alone'];
    await service.start();
    expect(servedTo('rooms-api-alone')).toMatchObject({ reason: expect.stringContaining('ECONNREFUSED') });
    expect(await service.terminate()).toMatchObject({ code: 0 });
  });
});

describe('Eureka', () => {
  it('has every instance with its ports, URLs and metadata', async () => {
    const [rest] = await instancesOf(cloud.eurekaUrl, 'CHAT-SERVICE');
    const { publicPort, internalUrl } = cloud.apps['rooms-api'];
    expect(rest).toMatchObject({
      instanceId: `127.0.0.1:chat-service:${publicPort}`,
      ...{ status: 'UP', hostName: '127.0.0.1', port: { $: publicPort } },
      ...{ healthCheckUrl: `${internalUrl}/readyz`, statusPageUrl: `${internalUrl}/version` },
      metadata: {
        ...{ app: 'rooms-api', instanceId: 'rooms-api', protocol: 'http', path: '/api/v1/chat' },
        'management.port': new URL(internalUrl).port,
      },
    });
    const gateways = await instancesOf(cloud.eurekaUrl, 'CHAT-SERVICE-WS');
    expect(gateways).toHaveLength(2);
    for (const name of ['ws-gateway-1', 'ws-gateway-2'] as const) {
      const { publicPort, internalUrl } = cloud.apps[name];
      expect(gateways.find(({ port }) => port.$ === publicPort)).toMatchObject({
        instanceId: `127.0.0.1:chat-service-ws:${publicPort}`,
        ...{ status: 'UP', hostName: '127.0.0.1' },
        ...{ healthCheckUrl: `${internalUrl}/readyz`, statusPageUrl: `${internalUrl}/version` },
        metadata: {
          ...{ app: 'ws-gateway', instanceId: name, protocol: 'websocket', path: '/ws' },
          'management.port': new URL(internalUrl).port,
        },
      });
    }
  });

  it('may be away: the chat goes on, new instances start, and all are there again after it has come back empty', async () => {
    const { service, internalUrl } = cloud.apps['ws-gateway-3'];
    await cloud.eureka.kill();
    const roomId = await roomOfBoth();
    const [ann, ben] = [await clientOf(ANN, roomId), await clientOf(BEN, roomId)];
    await ann.send('without Eureka');
    await eventually(() => expect(ben.contents).toEqual(['without Eureka']));
    await service.start();
    const readiness = async () => (await fetch(`${internalUrl}/readyz`)).json();
    expect(await readiness()).toMatchObject({ status: 'UP', dependencies: { eureka: { status: 'DOWN' } } });

    await cloud.eureka.start();
    await eventually(async () => expect(await statusesOf('CHAT-SERVICE-WS')).toEqual(['UP', 'UP', 'UP']), patiently);
    await eventually(async () => expect(await statusesOf('CHAT-SERVICE')).toEqual(['UP']), patiently);
    await eventually(async () =>
      expect(await readiness()).toMatchObject({ status: 'UP', dependencies: { eureka: { status: 'UP' } } }),
    );
    expect(await service.terminate()).toMatchObject({ code: 0 });
    expect(await statusesOf('CHAT-SERVICE-WS')).toEqual(['UP', 'UP']);
  });
});

describe('Spring Cloud Gateway', () => {
  beforeAll(() => eventually(() => expectRoute(cloud.edge), patiently));

  it('brings REST to rooms-api, and says who has signed in with it', async () => {
    const { status, body } = await request(cloud.edge, 'GET', '/api/v1/chat/chat-rooms/user?page=0&size=5', {
      demoUser: 99,
    });
    expect([status, body.totalElements]).toEqual([200, 0]);
    expect((await request(cloud.edge, 'GET', '/api/v1/chat/chat-rooms/user', {})).status).toBe(401);
    expect((await request(cloud.edge, 'GET', '/internal/chat/room_last_seen', { token: ANN })).status).toBe(404);
  });

  it('signs each request for itself: who does the same twice within a second does it twice', async () => {
    const room = { name: 'Twice', description: '', type: 'GROUP' };
    const twice = Array.from({ length: 2 }, () =>
      request(cloud.edge, 'POST', '/api/v1/chat/chat-rooms', { demoUser: 98 }, room),
    );
    const answers = await Promise.all(twice);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(2);
  });

  it('brings STOMP to the gateways: CONNECT, SUBSCRIBE, SEND and their answers', async () => {
    const roomId = await roomOfBoth();
    const socket = await RawStompClient.open(`ws://${cloud.edge}/ws`, {
      subProtocols: ['v12.stomp', 'v11.stomp'],
      headers: { origin: `http://${cloud.edge}` },
    });
    expect(socket.subProtocol).toBe('v12.stomp');
    await socket.connect({ Authorization: `Bearer ${tokenOf(ANN)}` });
    socket.send(`SUBSCRIBE\nid:0\ndestination:/topic/chat_rooms/${roomId}\nreceipt:live\n\n\0`);
    await socket.nextFrame('RECEIPT');
    const content = 'ü'.repeat(10_000);
    socket.send(`SEND\ndestination:/app/chat.send/${roomId}\nreceipt:sent\n\n${JSON.stringify({ content })}\0`);
    const message = await socket.nextFrame('MESSAGE');
    expect(JSON.parse(Buffer.from(message.body).toString('utf8'))).toMatchObject({ content, senderId: ANN });
    await socket.nextFrame('RECEIPT');
    socket.close();
  });

  it('leads to the other instance when one drains, and no message is lost', async () => {
    const roomId = await roomOfBoth();
    const both = await Promise.all(Array.from({ length: 4 }, () => clientOf(BEN, roomId)));
    const ann = await clientOf(ANN, roomId);
    const { service, internalUrl } = cloud.apps['ws-gateway-1'];
    const sessionsThere = async () => {
      const metrics = await (await fetch(`${internalUrl}/metrics`)).text();
      return Number(/^chat_gateway_sessions\{.*\} (\d+)$/m.exec(metrics)?.[1]);
    };
    for (let more = 0; (await sessionsThere()) === 0 && more < SESSIONS_UNTIL_THERE; more += 1) {
      both.push(await clientOf(BEN, roomId));
    }
    expect(await sessionsThere()).toBeGreaterThan(0);
    const sent: string[] = [];
    const sends: Promise<number>[] = [];
    const talk = setInterval(() => {
      const content = `message ${sent.length}`;
      sent.push(content);
      sends.push(ann.send(content));
    }, 20);
    onTestFinished(() => clearInterval(talk));
    await eventually(() => expect(both[0]?.contents.length).toBeGreaterThan(20), patiently);

    const ended = service.terminate();
    await eventually(async () => expect(await statusesOf('CHAT-SERVICE-WS')).toEqual(['OUT_OF_SERVICE', 'UP']));
    expect(await ended).toMatchObject({ code: 0 });
    expect(await statusesOf('CHAT-SERVICE-WS')).toEqual(['UP']);
    const before = sent.length;
    await eventually(() => expect(sent.length).toBeGreaterThan(before + 50));
    clearInterval(talk);

    const ids = await Promise.all(sends);
    expect(new Set(ids).size).toBe(sent.length);
    for (const { contents, gaps } of [ann, ...both]) {
      await eventually(() => expect(contents).toEqual(sent), patiently);
      expect(gaps).toEqual([]);
    }
    await service.start();
    await eventually(async () => expect(await statusesOf('CHAT-SERVICE-WS')).toEqual(['UP', 'UP']));
  });

  it('needs one service id alone where it chooses by the metadata of instances', async () => {
    await Promise.all([cloud.apps['ws-gateway-of-one-id'].service.start(), cloud.apiGatewayOfOneId.start()]);
    await eventually(() => expectRoute(cloud.edgeOfOneId), patiently);
    for (let round = 0; round < 6; round += 1) await expectRoute(cloud.edgeOfOneId);
    await roomOfBoth(cloud.edgeOfOneId);
  });
});
