import type { ChatRoomDTO, MessageDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOMS } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { RestCaller } from '../clients/rest-caller.ts';
import { StompSession } from '../clients/stomp-session.ts';
import { INSTANCE_NAMES } from '../harness/app-instances.ts';
import { LocalStack, type StackJson } from '../harness/local-stack.ts';
import { testPlayground } from './playground-tests.ts';

/** From the command to a chat that is ready, in ms; installed and built before. */
const READY_DEADLINE_MS = 100_000;
/** From Ctrl-C to its end, in ms: apps may take 25 s, the parts come after them. */
const STOP_DEADLINE_MS = 50_000;
const RESTART_DEADLINE_MS = 30_000;

const PARTS = ['postgres', 'redis', 'kafka'];

const local = new LocalStack();

beforeAll(async () => {
  local.start();
  await eventually(
    () => {
      if (!local.isRunning) throw new Error(`npm start ended:\n${local.output}`);
      expect(local.output).toContain('The chat is ready');
    },
    { deadlineMs: READY_DEADLINE_MS, everyMs: 250 },
  );
});
afterAll(() => local.cleanUp());

function stack(): StackJson {
  const current = local.readStack();
  if (current === null) throw new Error('there is no stack.json');
  return current;
}

const tokenOf = (userId: number): string =>
  new RegExp(`token of user ${userId}\\b.*?(eyJ[\\w.-]+)`).exec(local.output)?.[1] ?? '';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const allPids = new Set<number>();

describe('npm start', () => {
  it('writes stack.json with exactly the documented fields, and the ports that answer', async () => {
    const current = stack();
    for (const pid of Object.values(current.pids)) allPids.add(pid);

    expect(Object.keys(current).sort()).toEqual([
      'databaseUrl',
      'internalUrl',
      'internalUrls',
      'jwtSecret',
      'kafkaBrokers',
      'pids',
      'redisUrl',
      'restUrl',
      'wsUrls',
    ]);
    expect(Object.keys(current.pids).sort()).toEqual([...INSTANCE_NAMES, ...PARTS].sort());
    expect(Object.keys(current.internalUrls).sort()).toEqual([...INSTANCE_NAMES].sort());
    expect(current.internalUrl).toBe(current.internalUrls['rooms-api']);
    expect(current.wsUrls).toHaveLength(2);
    for (const pid of Object.values(current.pids)) expect(isAlive(pid)).toBe(true);
    for (const url of Object.values(current.internalUrls)) expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('prints the URLs, two tokens and three commands to try', () => {
    const { restUrl, wsUrls } = stack();

    for (const url of [restUrl, ...wsUrls]) expect(local.output).toContain(url);
    expect(tokenOf(1)).not.toBe('');
    expect(tokenOf(2)).not.toBe('');
    const afterTry = local.output.split('Try it')[1]?.split('\n') ?? [];
    expect(afterTry.filter((line) => /^\s+(curl|npm)\b/.test(line))).toHaveLength(3);
  });

  it('lets the two users of the table chat, one at each gateway', async () => {
    const { restUrl, wsUrls } = stack();
    const [alice, bob] = [1, 2].map(
      (userId) => new RestCaller(restUrl, { authorization: `Bearer ${tokenOf(userId)}` }),
    );
    const room = await alice?.post<ChatRoomDTO>(ROOMS, { name: 'Dev Chatroom', description: 'Chat for developers' });
    expect(room?.status).toBe(201);
    const roomId = room?.body.id ?? 0;
    expect((await bob?.post(`${ROOMS}/join/${roomId}`))?.status).toBe(200);
    const sessions = await Promise.all(
      [1, 2].map((userId, at) => StompSession.open({ url: wsUrls[at] ?? '', token: tokenOf(userId) })),
    );
    const rooms = await Promise.all(sessions.map((session) => session.subscribe(`/topic/chat_rooms/${roomId}`)));

    await sessions[0]?.sendMessage(roomId, marked('Hello from STOMP!'));

    await eventually(() => {
      for (const one of rooms) {
        expect(one.bodies<MessageDTO>()).toMatchObject([{ senderId: 1, roomId, content: marked('Hello from STOMP!') }]);
      }
    });
    await eventually(async () => {
      const history = await bob?.get<{ items: MessageDTO[] }>(`${ROOMS}/${roomId}/messages`);
      expect(history?.body.items).toHaveLength(1);
    });
    await Promise.all(sessions.map((session) => session.disconnect()));
  });

  it('goes with npm run token, which prints a token that is taken', async () => {
    const { code, output } = await local.chatctl('token', '--user', '3', '--username', 'cleo');

    expect(code).toBe(0);
    const authorization = `Bearer ${output.trim()}`;
    const answer = await new RestCaller(stack().restUrl, { authorization }).get(`${ROOMS}/user`);
    expect(answer.status).toBe(200);
  });

  it('goes with npx chatctl, which finds the stack by itself and nothing wrong with it', async () => {
    const { code, output } = await local.chatctl('doctor');

    expect(output).toContain('ws-gateway-2 is ready');
    expect(code).toBe(0);
  });

  it('is refused a second time in the same clone, with the URL of the first', async () => {
    const { code, output } = await local.run('start');

    expect(code).not.toBe(0);
    expect(output).toContain(stack().restUrl);
    expect(local.isRunning).toBe(true);
  });

  it('starts an app that ends again, on its ports, says so in one line, and stack.json names the new pid', async () => {
    const before = stack();
    const killed = before.pids['ws-gateway-1'] ?? 0;

    process.kill(killed, 'SIGKILL');

    const after = await eventually(
      async () => {
        const current = stack();
        expect(current.pids['ws-gateway-1']).not.toBe(killed);
        expect((await fetch(`${current.internalUrls['ws-gateway-1']}/readyz`)).status).toBe(200);
        return current;
      },
      { deadlineMs: RESTART_DEADLINE_MS, everyMs: 200 },
    );
    for (const pid of Object.values(after.pids)) allPids.add(pid);
    expect({ ...after, pids: {} }).toEqual({ ...before, pids: {} });
    const said = local.output.split('\n').filter((line) => line.includes('ws-gateway-1 ended'));
    expect(said).toEqual([expect.stringContaining(String(after.pids['ws-gateway-1']))]);
    const session = await StompSession.open({ url: after.wsUrls[0] ?? '', token: tokenOf(1) });
    await session.disconnect();
  });
});

describe('the playground of npm start', () => testPlayground(local));

describe('Ctrl-C', () => {
  it(
    'ends npm start with exit status 0, and leaves no stack.json and no process',
    { timeout: STOP_DEADLINE_MS },
    async () => {
      expect(await local.interrupt()).toBe(0);

      expect(local.readStack()).toBeNull();
      expect([...allPids].filter(isAlive)).toEqual([]);
    },
  );
});
