import { FrameImpl } from '@stomp/stompjs';
import { createToken } from '@chat/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatClientOptions, Discontinuity, TokenRequest } from './api.ts';
import { createChatClient, createChatClientOver } from './create-chat-client.ts';
import type { ChatClientError } from './error.ts';
import { scriptedSessions, type ScriptedSession } from './session/scripted-sessions.ts';

const ROOM = '/topic/chat_rooms/7';
const SEND = '/app/chat.send/7';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Everything that is due now. */
const settle = () => vi.advanceTimersByTimeAsync(0);
const message = (id: number) => ({ id, senderId: 2, roomId: 7, content: `${id}`, type: 'GROUP', timestamp: '' });

function scene(options: Partial<ChatClientOptions> = {}) {
  const sessions = scriptedSessions();
  const errors: ChatClientError[] = [];
  const client = createChatClientOver(
    {
      gatewayUrl: ['ws://one/ws', 'ws://two/ws'],
      getToken: () => createToken({ userId: 1 }),
      onError: (error) => errors.push(error),
      ...options,
    },
    sessions.open,
  );
  const last = (): ScriptedSession => {
    const session = sessions.all.at(-1);
    if (session === undefined) throw new Error('there is no session');
    return session;
  };
  /** The next session, which the gateway takes. */
  const goOn = async (afterMs = 0) => {
    await vi.advanceTimersByTimeAsync(afterMs);
    last().connected();
    last().receipt('/user/queue/errors');
    await settle();
    return last();
  };
  const start = async () => {
    client.connect();
    return goOn();
  };
  return { client, errors, sessions, last, goOn, start };
}

describe('a client', () => {
  it('does nothing until it is told to connect, and subscribes to its errors first', async () => {
    const { client, sessions, start } = scene();
    client.room(7).open({ onMessage: () => {} });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sessions.all).toEqual([]);
    const session = await start();
    expect(session.frames.map(({ destination }) => destination)).toEqual(['/user/queue/errors', ROOM]);
    expect(client.connection.get()).toMatchObject({ name: 'connected', gatewayUrl: 'ws://one/ws', userId: 1 });
  });

  it('takes its next session to the next gateway, and says that it recovers', async () => {
    const { client, start, goOn } = scene();
    (await start()).lose();
    expect(client.connection.get()).toMatchObject({ name: 'recovering', attempt: 1, loss: { code: 1006 } });
    expect((await goOn(500)).target.url).toBe('ws://two/ws');
  });

  it('hangs up with DISCONNECT when it is closed, and what waits is given up', async () => {
    const { client, start } = scene();
    const session = await start();
    const [first, second] = [client.room(7).send('one'), client.room(7).send('two')];
    const outcomes = Promise.allSettled([first, second]);
    await client.close();
    expect(session.hasDisconnected).toBe(true);
    expect(client.connection.get()).toMatchObject({ name: 'closed', reason: 'client' });
    expect(await outcomes).toMatchObject([
      { reason: { code: 'UNKNOWN' } },
      { reason: { code: 'CLOSED', clientMessageId: expect.any(String) } },
    ]);
    await expect(client.whenConnected()).rejects.toMatchObject({ name: 'ChatClientError' });
  });

  it('gives up a gateway that does not answer CONNECT in time', async () => {
    const { client, sessions } = scene();
    client.connect();
    await vi.advanceTimersByTimeAsync(10_500);
    expect(sessions.all.map(({ isDropped }) => isDropped)).toEqual([true, false]);
  });

  it('takes another session where a frame is not answered in time', async () => {
    const { client, start, goOn } = scene();
    const session = await start();
    const id = client.room(7).send('hello');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(session.isDropped).toBe(true);
    const next = await goOn(500);
    expect(next.sentTo(SEND).headers).toMatchObject({ resend: 'true' });
    next.receipt(SEND, { 'message-id': '5' });
    expect(await id).toBe(5);
  });

  it('gives getToken its time, and tries again', async () => {
    const requests: TokenRequest[] = [];
    const { client, errors, sessions } = scene({
      getToken: (request) => {
        requests.push(request);
        return requests.length === 1 ? new Promise(() => {}) : createToken();
      },
    });
    client.connect();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(errors).toMatchObject([{ code: 'NO_TOKEN', retryable: true }]);
    await vi.advanceTimersByTimeAsync(500);
    expect(sessions.all).toHaveLength(1);
  });

  it.each([
    ['by itself', 'refused'],
    ['when told to', 'connect'],
  ] as const)(
    'never comes back %s with a token that was refused, though getToken failed for a moment',
    async (how, then) => {
      const reasons: string[] = [];
      const { client, last, sessions } = scene({
        getToken: ({ reason }) => {
          reasons.push(reason);
          if (reasons.length === 2) throw new Error('there is no network');
          return createToken();
        },
      });
      client.connect();
      await settle();
      last().lose(1008);
      await settle();
      if (how === 'when told to') {
        client.pause();
        client.connect();
      }
      await vi.advanceTimersByTimeAsync(1_000);
      expect(reasons).toEqual(['connect', 'refused', then]);
      expect(sessions.all).toHaveLength(2);
    },
  );

  it('does not start where it cannot: no gateway, an address that is none, no WebSocket', () => {
    const clientOf = (gatewayUrl: string | string[]) => createChatClient({ gatewayUrl, getToken: () => null });
    expect(() => clientOf([]).connect()).toThrow(TypeError);
    expect(() => clientOf('chat.example.com').connect()).toThrow(TypeError);
    vi.stubGlobal('WebSocket', undefined);
    expect(() => clientOf('ws://one/ws').connect()).toThrow(/WebSocket/);
  });

  it('says why the last try failed while it tries', async () => {
    const getToken = vi.fn(() => createToken());
    const { client, goOn, last } = scene({ getToken });
    client.connect();
    expect(client.connection.get()).toMatchObject({ name: 'connecting', error: null });
    await settle();
    last().lose();
    const unreachable = { code: 'NOT_CONNECTED', message: expect.stringContaining('ws://one/ws') };
    expect(client.connection.get()).toMatchObject({ name: 'connecting', error: unreachable });
    (await goOn(500)).lose();
    expect(client.connection.get()).toMatchObject({ name: 'recovering', error: null, loss: { code: 1006 } });
    await vi.advanceTimersByTimeAsync(2_000);
    last().lose();
    expect(client.connection.get()).toMatchObject({ name: 'recovering', error: { code: 'NOT_CONNECTED' } });
  });

  it('knows that the network is back, though it came back while nobody looked', async () => {
    const page = new EventTarget();
    const navigator = { onLine: true };
    vi.stubGlobal('navigator', navigator);
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    const { client, start } = scene();
    await start();
    navigator.onLine = false;
    page.dispatchEvent(new Event('offline'));
    expect(client.connection.get()).toEqual({ name: 'offline', reason: 'no-network' });
    await client.close();
    navigator.onLine = true;
    await start();
    expect(client.connection.get().name).toBe('connected');
  });

  it('takes longer waits than a timer does for the longest one', async () => {
    const { client, start } = scene({ limits: { answerDeadlineMs: Infinity } });
    const session = await start();
    client
      .room(7)
      .send('hello', { deadlineMs: 2 ** 40 })
      .catch(() => {});
    const timers = vi.spyOn(globalThis, 'setTimeout');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(timers).not.toHaveBeenCalled();
    expect(session.isDropped).toBe(false);
  });

  it('renews its token in the session, and again where that failed', async () => {
    const getToken = vi.fn(() => createToken({ expiresInSeconds: 3_600 }));
    const { errors, start } = scene({ getToken });
    const session = await start();
    await vi.advanceTimersByTimeAsync(3_540_000);
    expect(getToken).toHaveBeenLastCalledWith(expect.objectContaining({ reason: 'expiring' }));
    expect(JSON.parse(session.sentTo('/app/auth.refresh').body)).toEqual({ token: expect.any(String) });
    session.refuse('/app/auth.refresh', 'UNAVAILABLE', { retryable: true });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(session.countOf('/app/auth.refresh')).toBe(2);
    expect(errors).toMatchObject([{ code: 'UNAVAILABLE' }]);
    session.receipt('/app/auth.refresh');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.countOf('/app/auth.refresh')).toBe(2);
  });

  it('survives callbacks that throw and frames that cannot be read, and tells of them', async () => {
    const { client, errors, start } = scene();
    const seen: number[] = [];
    client.room(7).open({
      history: 5,
      onMessage: ({ id }) => {
        seen.push(id);
        throw new Error('a fault of the application');
      },
    });
    client.onCommand(() => {});
    const session = await start();
    for (const id of [1, 2]) session.message(ROOM, message(id), { 'message-id': `${id}`, prev: `${id - 1}` });
    session.message(ROOM, 'no JSON', { 'message-id': '3' });
    session.message('/topic/commands', 'no JSON');
    expect(seen).toEqual([1, 2]);
    expect(errors.map(({ code }) => code)).toEqual(['LISTENER_FAILED', 'LISTENER_FAILED', 'BAD_ANSWER', 'BAD_ANSWER']);
  });

  it('harms neither what comes nor what goes where its onFrame throws, and tells of it', async () => {
    const codes: string[] = [];
    const sockets: FakeSocket[] = [];
    class FakeSocket {
      readonly sent: string[] = [];
      onopen = () => {};
      onmessage = (_: { readonly data: string }) => {};

      constructor() {
        sockets.push(this);
      }

      send(text: string): void {
        this.sent.push(text);
      }
    }
    const client = createChatClient({
      gatewayUrl: 'ws://one/ws',
      getToken: () => createToken(),
      WebSocket: FakeSocket,
      onError: ({ code }) => codes.push(code),
      onFrame: () => {
        throw new Error('a fault of the application');
      },
    });
    client.connect();
    await settle();
    const [socket] = sockets;
    socket?.onopen();
    socket?.onmessage({ data: 'CONNECTED\nversion:1.2\nsession:s\n\n\0' });
    const id = client.room(7).send('hello');
    const receipt = /receipt:(.*)/.exec(socket?.sent.at(-1) ?? '')?.[1];
    socket?.onmessage({ data: `RECEIPT\nreceipt-id:${receipt}\nmessage-id:5\n\n\0` });
    expect(await id).toBe(5);
    expect(new Set(codes)).toEqual(new Set(['LISTENER_FAILED']));
  });

  it('tells of frames that cannot be read, whatever they are of', async () => {
    const { client, errors, start } = scene();
    client.onNotification(() => {});
    const session = await start();
    for (const destination of ['/user/queue/errors', '/user/queue/notifications'])
      session.message(destination, 'no JSON');
    expect(errors.map(({ code }) => code)).toEqual(['BAD_ANSWER', 'BAD_ANSWER']);
  });

  it('does not ask a session that a listener has just ended', async () => {
    const { client, start, goOn } = scene();
    await start();
    const room = client.room(7);
    const stop = room.outbox.subscribe(([first]) => {
      if (first?.state === 'sending') client.pause();
    });
    const id = room.send('hello');
    stop();
    client.connect();
    const next = await goOn();
    next.receipt(SEND, { 'message-id': '5' });
    expect(await id).toBe(5);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(next.isDropped).toBe(false);
  });
});

describe('a send', () => {
  it('waits for a connection, goes out once, and resolves with the id of the message', async () => {
    const { client, start } = scene();
    const id = client.room(7).send('hello', { clientMessageId: 'k', persisted: true });
    expect(client.room(7).outbox.get()).toMatchObject([{ clientMessageId: 'k', state: 'queued' }]);
    const session = await start();
    expect(session.sentTo(SEND)).toMatchObject({
      headers: { 'client-message-id': 'k', 'receipt-level': 'persisted' },
      body: '{"content":"hello"}',
    });
    expect(session.sentTo(SEND).headers).not.toHaveProperty('resend');
    session.receipt(SEND, { 'message-id': '42' });
    expect(await id).toBe(42);
    expect(client.room(7).outbox.get()).toEqual([]);
  });

  it('rejects with the refusal that names it', async () => {
    const { client, start } = scene();
    const session = await start();
    const refused = client.room(7).send('hello');
    session.refuse(SEND, 'NOT_A_MEMBER');
    await expect(refused).rejects.toMatchObject({
      code: 'NOT_A_MEMBER',
      retryable: false,
      message: 'it is NOT_A_MEMBER',
    });
  });

  it('goes again, under its key, where it was refused for now, until its deadline', async () => {
    const { client, start } = scene();
    const session = await start();
    vi.spyOn(Math, 'random').mockReturnValue(0.5); // so that nothing is on its way at the deadline
    const outcome = Promise.allSettled([client.room(7).send('hello', { deadlineMs: 2_000 })]);
    const keys = new Set<string | undefined>();
    for (let at = 0; at < 20; at += 1) {
      keys.add(session.sentTo(SEND).headers['client-message-id']);
      session.refuse(SEND, 'RATE_LIMITED', { retryable: true });
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(await outcome).toMatchObject([{ reason: { code: 'NOT_SENT', cause: { code: 'RATE_LIMITED' } } }]);
    expect(keys.size).toBe(1);
    expect(session.countOf(SEND)).toBeGreaterThan(1);
  });

  it('is refused at once where too much waits, or its key cannot be one', async () => {
    const { client } = scene({ limits: { queueMaxCount: 1 } });
    void client
      .room(7)
      .send('one')
      .catch(() => {});
    await expect(client.room(7).send('two')).rejects.toMatchObject({ code: 'QUEUE_FULL', retryable: true });
    await expect(client.room(7).send('x', { clientMessageId: 'é' })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('that is too long for a frame is refused alone; the longest one fits with the longest head', async () => {
    const { client, start } = scene();
    const session = await start();
    const room = client.room(Number.MAX_SAFE_INTEGER);
    await expect(room.send('é'.repeat(33_000))).rejects.toMatchObject({ code: 'BODY_TOO_LARGE', retryable: false });
    const longest = 65_000 - '{"content":""}'.length;
    room
      .send('x'.repeat(longest), { clientMessageId: '\\'.repeat(128), persisted: true, resend: true })
      .catch(() => {});
    const { destination, headers, body } = session.sentTo(`/app/chat.send/${room.id}`);
    const frame = new FrameImpl({
      command: 'SEND',
      headers: { destination, ...headers },
      body,
      escapeHeaderValues: true,
    });
    expect(String(frame.serialize()).length).toBeLessThanOrEqual(65_536); // with its NUL
  });

  it('of an edit, a removal or a reaction names its message', async () => {
    const { client, start } = scene();
    const session = await start();
    const room = client.room(7);
    const deeds = [room.edit(3, 'new'), room.remove(3), room.react(3, '👍'), room.unreact(3, '👍')];
    for (const address of ['edit', 'delete', 'react', 'react']) {
      session.receipt(`/app/chat.${address}/7`, { 'message-id': '9' });
      await settle();
    }
    expect(await Promise.all(deeds)).toEqual([9, 9, 9, 9]);
    const bodies = session.frames.filter(({ command }) => command === 'SEND').map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([
      { targetId: 3, content: 'new' },
      { targetId: 3 },
      { targetId: 3, content: '👍' },
      { targetId: 3, content: '👍', removed: true },
    ]);
  });
});

describe('an open room', () => {
  it('resumes behind the last message that the application has', async () => {
    const { client, start, goOn } = scene();
    const seen: number[] = [];
    const room = client.room(7).open({ history: 5, onMessage: ({ id }) => seen.push(id) });
    const session = await start();
    session.message(ROOM, message(1), { 'message-id': '1', replayed: 'true' });
    session.receipt(ROOM, { recovered: 'true' });
    await settle();
    expect(room.state.get()).toEqual({ name: 'live' });
    session.message(ROOM, message(2), { 'message-id': '2', prev: '1' });
    session.lose();
    expect(room.state.get()).toEqual({ name: 'recovering' });
    const next = await goOn(500);
    expect(next.sentTo(ROOM).headers).toMatchObject({ since: '2' });
    next.message(ROOM, message(3), { 'message-id': '3', prev: '2', replayed: 'true' });
    next.receipt(ROOM, { recovered: 'true' });
    await settle();
    expect([seen, room.lastMessageId]).toEqual([[1, 2, 3], 3]);
  });

  it('reads by REST what the gateway cannot bring, once the rows have it, and says so', async () => {
    const asked: string[] = [];
    const answers = [
      { status: 400, body: { code: 'INVALID_REQUEST', detail: 'not yet', retryable: false } },
      { status: 200, body: { items: [], hasMore: true } },
      { status: 200, body: { items: [message(2), message(3)], hasMore: true } },
      { status: 200, body: { items: [message(4), message(5)], hasMore: false } },
    ];
    const gaps: Discontinuity[] = [];
    const seen: number[] = [];
    const { client, start } = scene({
      apiUrl: 'http://api',
      fetch: (url) => {
        asked.push(String(url).replace('http://api/api/v1/chat/chat-rooms/7/messages', ''));
        const { status, body } = answers.shift() ?? { status: 500, body: {} };
        return Promise.resolve(new Response(JSON.stringify(body), { status }));
      },
    });
    const room = client
      .room(7)
      .open({ since: 1, onMessage: ({ id }) => seen.push(id), onDiscontinuity: (gap) => gaps.push(gap) });
    const session = await start();
    session.message(ROOM, message(5), { 'message-id': '5', prev: '4' });
    session.receipt(ROOM, { recovered: 'false' });
    await settle();
    expect([seen, room.state.get().name]).toEqual([[], 'recovering']);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(asked).toEqual([...Array(3).fill('?after=1&limit=200'), '?after=3&limit=200']);
    expect(seen).toEqual([2, 3, 4, 5]);
    expect(gaps).toMatchObject([{ roomId: 7, after: 1, missing: 'changes', filledCount: 3 }]);
    expect(room.state.get().name).toBe('live');
  });

  it('says what is missing where there is no REST API to ask', async () => {
    const gaps: Discontinuity[] = [];
    const { client, start } = scene();
    client.room(7).open({ since: 1, onMessage: () => {}, onDiscontinuity: (gap) => gaps.push(gap) });
    const session = await start();
    session.receipt(ROOM, { recovered: 'false' });
    await settle();
    expect(gaps).toMatchObject([{ after: 1, missing: 'messages', reason: expect.stringContaining('apiUrl') }]);
  });

  it('from which the user is taken asks once more, and is refused where they are not back', async () => {
    const { client, start } = scene();
    const room = client.room(7).open({ history: 1, onMessage: () => {} });
    const session = await start();
    session.receipt(ROOM, { recovered: 'true' });
    await settle();
    session.message('/user/queue/errors', {
      code: 'NOT_A_MEMBER',
      message: 'out',
      retryable: false,
      destination: ROOM,
    });
    await settle();
    expect(session.countOf(ROOM)).toBe(2);
    session.refuse(ROOM, 'NOT_A_MEMBER');
    await settle();
    expect(room.state.get()).toMatchObject({ name: 'refused', error: { code: 'NOT_A_MEMBER' } });
    room.close();
    expect(session.frames.at(-1)?.command).toBe('SUBSCRIBE'); // to leave what was refused would break the protocol
  });

  it('is asked for again where it was refused for now', async () => {
    const { client, start } = scene();
    const room = client.room(7).open({ onMessage: () => {} });
    const session = await start();
    session.refuse(ROOM, 'UNAVAILABLE', { retryable: true });
    await vi.advanceTimersByTimeAsync(400);
    session.receipt(ROOM, { recovered: 'true' });
    await settle();
    expect(room.state.get().name).toBe('live');
  });

  it('that was refused is asked for anew once the user has joined a room, and in the next session', async () => {
    const { client, start, goOn } = scene({ apiUrl: 'http://api', fetch: () => Promise.resolve(new Response('{}')) });
    const room = client.room(7).open({ onMessage: () => {} });
    const session = await start();
    session.refuse(ROOM, 'NOT_A_MEMBER');
    await settle();
    expect(room.state.get().name).toBe('refused');
    await client.rest.joinRoom(7);
    expect(session.countOf(ROOM)).toBe(2);
    session.refuse(ROOM, 'TOO_MANY_SUBSCRIPTIONS');
    await settle();
    session.lose();
    expect(room.state.get().name).toBe('refused');
    (await goOn(500)).receipt(ROOM, { recovered: 'true' });
    await settle();
    expect(room.state.get().name).toBe('live');
  });

  it('that is closed before it is live is left once it is', async () => {
    const { client, start } = scene();
    const room = client.room(7).open({ onMessage: () => {} });
    const session = await start();
    room.close();
    expect(session.frames.at(-1)?.command).toBe('SUBSCRIBE');
    session.receipt(ROOM, { recovered: 'true' });
    await settle();
    expect(session.frames.at(-1)).toMatchObject({ command: 'UNSUBSCRIBE', destination: ROOM });
  });
});

describe('what is kept up to date', () => {
  it('is subscribed to while somebody listens, in each session', async () => {
    const { client, start, goOn } = scene();
    const presence = client.room(7).presence();
    const stop = presence.subscribe(() => {});
    const session = await start();
    session.message(`${ROOM}/presence`, { roomId: 7, kind: 'STATE', onlineCount: 1, users: [], isComplete: true });
    expect(presence.get()).toMatchObject({ onlineCount: 1, isStale: false });
    session.lose();
    expect(presence.get().isStale).toBe(true);
    const next = await goOn(500);
    next.receipt(`${ROOM}/presence`);
    await settle();
    stop();
    expect(next.frames.at(-1)).toMatchObject({ command: 'UNSUBSCRIBE', destination: `${ROOM}/presence` });
  });

  it('of what is unread is asked for also where notifications are heard already, and again where that failed', async () => {
    const answers = [{ status: 503, body: { code: 'UNAVAILABLE', detail: 'not now', retryable: true } }];
    const unread = { status: 200, body: { total: 3, rooms: [{ roomId: 7, unreadCount: 3 }] } };
    const fetch = vi.fn(() => {
      const { status, body } = answers.shift() ?? unread;
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    });
    const { client, errors, start } = scene({ apiUrl: 'http://api', fetch });
    client.onNotification(() => {});
    const session = await start();
    session.receipt('/user/queue/notifications');
    await settle();
    const stop = client.unread.subscribe(() => {});
    await settle();
    expect(errors).toMatchObject([{ code: 'UNAVAILABLE' }]);
    await vi.advanceTimersByTimeAsync(400);
    expect(client.unread.get().total).toBe(3);
    stop();
    answers.push({ status: 503, body: { code: 'UNAVAILABLE', detail: 'not now', retryable: true } });
    client.unread.subscribe(() => {})();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fetch).toHaveBeenCalledTimes(3); // nobody listens any more
  });

  it('of commands is told once, by target and id', async () => {
    const { client, start } = scene();
    const names: string[] = [];
    client.onCommand(({ name }) => names.push(name));
    const session = await start();
    const command = { id: 1, target: 'all', name: 'one', payload: {}, createdAt: '' };
    session.message('/topic/commands', command);
    session.message('/topic/commands', command);
    session.message('/user/queue/commands', { ...command, target: 'user:1', name: 'two' });
    expect(names).toEqual(['one', 'two']);
  });

  it('of a read mark is the last one, in whichever session takes it', async () => {
    const { client, start, goOn } = scene();
    const READ = '/app/chat.read/7';
    const marks = [client.room(7).markRead(1), client.room(7).markRead(2)];
    const session = await start();
    expect(session.countOf(READ)).toBe(1);
    session.lose();
    const next = await goOn(500);
    expect(JSON.parse(next.sentTo(READ).body)).toEqual({ messageId: 2 });
    next.receipt(READ);
    await Promise.all(marks);
    const refused = client.room(7).markRead(3);
    next.refuse(READ, 'MESSAGE_NOT_FOUND');
    await expect(refused).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
  });

  it('of a read mark is given up like a send, and leaves no timer behind', async () => {
    const { client, start } = scene();
    const late = expect(client.room(7).markRead(1)).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
    await vi.advanceTimersByTimeAsync(60_000);
    await late;
    const session = await start();
    const closed = expect(client.room(7).markRead(2)).rejects.toMatchObject({ code: 'CLOSED' });
    session.refuse('/app/chat.read/7', 'UNAVAILABLE', { retryable: true });
    await settle();
    await client.close();
    await closed;
    expect(vi.getTimerCount()).toBe(0);
  });
});
