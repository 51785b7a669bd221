// @vitest-environment happy-dom
import { act, createElement, StrictMode, type FunctionComponent } from 'react';
import { createRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { createToken } from '@chat/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatClientOptions } from '../api.ts';
import { createChatClientOver } from '../create-chat-client.ts';
import { scriptedSessions } from '../session/scripted-sessions.ts';
import {
  ChatProvider,
  useConnection,
  useHistory,
  usePresence,
  useReceipts,
  useRoom,
  useTicks,
  useTyping,
  useUnread,
  type RoomView,
} from './index.ts';

const ROOM = '/topic/chat_rooms/7';
const RECEIPTS = '/user/queue/receipts';

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
});
afterEach(() => void vi.useRealTimers());

const message = (id: number, senderId = 1) => ({
  id,
  senderId,
  roomId: 7,
  content: `text ${id}`,
  type: 'GROUP',
  timestamp: '',
});
const settle = () => act(() => vi.advanceTimersByTimeAsync(0));

/** A client with one session; REST answers with one page of the history, of the room that is asked for. */
function scene({ fetch: fetchAnswer }: Pick<ChatClientOptions, 'fetch'> = {}) {
  const sessions = scriptedSessions();
  const client = createChatClientOver(
    {
      gatewayUrl: 'ws://one/ws',
      apiUrl: 'http://api',
      getToken: () => createToken({ userId: 1 }),
      fetch:
        fetchAnswer ??
        ((url) =>
          Promise.resolve(
            Response.json(
              String(url).endsWith('/unread')
                ? { total: 2, rooms: [{ roomId: 7, unreadCount: 2 }] }
                : { items: [message(1), message(2)], hasMore: false },
            ),
          )),
    },
    sessions.open,
  );
  const session = () => {
    const [first] = sessions.all;
    if (first === undefined) throw new Error('there is no session');
    return first;
  };
  const connect = async () => {
    await act(async () => client.connect());
    await settle();
    await act(async () => {
      session().connected();
      session().receipt('/user/queue/errors');
    });
  };
  return { client, session, connect };
}

function mount(client: ReturnType<typeof createChatClientOver>, component: FunctionComponent) {
  const root = createRoot(document.createElement('div'));
  const render = (shown: FunctionComponent | null) =>
    act(() =>
      root.render(
        createElement(StrictMode, null, createElement(ChatProvider, { client }, shown && createElement(shown))),
      ),
    );
  render(component);
  return { hide: () => render(null), show: () => render(component), unmount: () => act(() => root.unmount()) };
}

describe('the hooks', () => {
  it('show a room as it changes, with what is on its way, and share one subscription', async () => {
    const { client, session, connect } = scene();
    const shown: string[] = [];
    const Screen = () => {
      const [{ messages, outbox, room }, connection] = [useRoom(7), useConnection()];
      const ticks = useTicks(7);
      const texts = messages.map(({ id, content }) => `${content} ${ticks.get(id) ?? ''}`.trim());
      shown.push([connection.name, room.name, ...texts, ...outbox.map(({ content }) => `(${content})`)].join(', '));
      return null;
    };
    const { unmount } = mount(client, Screen);
    expect(shown.at(-1)).toBe('offline, opening');
    await connect();
    expect(session().countOf(ROOM)).toBe(1);
    await act(async () => {
      session().message(ROOM, message(1), { 'message-id': '1', replayed: 'true' });
      session().receipt(ROOM, { recovered: 'true' });
    });
    expect(shown.at(-1)).toBe('connected, live, text 1 SENT');
    await act(async () => void client.room(7).send('new'));
    expect(shown.at(-1)).toBe('connected, live, text 1 SENT, (new)');
    await act(async () => {
      session().message(
        ROOM,
        { ...message(2), content: 'new' },
        {
          'message-id': '2',
          prev: '1',
          'client-message-id': session().sentTo('/app/chat.send/7').headers['client-message-id'] ?? '',
        },
      );
    });
    expect(shown.at(-1)).toBe('connected, live, text 1 SENT, new SENT'); // it is there once, ahead of its RECEIPT
    await act(async () => session().receipt('/app/chat.send/7', { 'message-id': '2' }));
    act(() =>
      session().message(RECEIPTS, {
        roomId: 7,
        receipts: [{ messageId: 2, status: 'READ', deliveredCount: 1, readCount: 1 }],
      }),
    );
    expect(shown.at(-1)).toBe('connected, live, text 1 READ, new READ');
    unmount();
    await act(() => vi.advanceTimersByTimeAsync(1_000));
    expect(
      session()
        .frames.filter(({ command }) => command === 'UNSUBSCRIBE')
        .map(({ destination }) => destination),
    ).toContain(ROOM);
  });

  it('keep a room open that is shown again at once', async () => {
    const { client, session, connect } = scene();
    const Screen = () => (useRoom(7), null);
    const screen = mount(client, Screen);
    await connect();
    await act(async () => session().receipt(ROOM, { recovered: 'true' }));
    screen.hide();
    await act(() => vi.advanceTimersByTimeAsync(900));
    screen.show();
    await act(() => vi.advanceTimersByTimeAsync(5_000));
    expect(session().countOf(ROOM)).toBe(1);
    screen.unmount();
  });

  it('tell who is there, who types, what is unread and what was told of messages', async () => {
    const { client, session, connect } = scene();
    let shown: readonly unknown[] = [];
    const Screen = () => {
      const [presence, typing, unread, receipts] = [usePresence(7), useTyping(7), useUnread(), useReceipts(7)];
      shown = [presence.onlineCount, typing.userIds, unread.total, receipts.byMessage.size];
      return null;
    };
    mount(client, Screen);
    await connect();
    await act(async () => {
      session().message(`${ROOM}/presence`, { roomId: 7, kind: 'STATE', onlineCount: 3, users: [] });
      session().message(`${ROOM}/typing`, { roomId: 7, userIds: [2], count: 1 });
      session().receipt('/user/queue/notifications');
      session().message(RECEIPTS, {
        roomId: 7,
        receipts: [{ messageId: 2, status: 'SENT', deliveredCount: 0, readCount: 0 }],
      });
      await vi.advanceTimersByTimeAsync(0);
    });
    expect(shown).toEqual([3, [2], 2, 1]);
  });

  it('page the history backwards', async () => {
    const { client } = scene();
    let shown: readonly unknown[] = [];
    const Screen = () => {
      const { messages, hasOlder, isLoading, error } = useHistory(7);
      shown = [messages.map(({ id }) => id), hasOlder, isLoading, error];
      return null;
    };
    mount(client, Screen);
    await settle();
    expect(shown).toEqual([[1, 2], false, false, null]);
  });

  it('show nothing of another room while its history is read', async () => {
    const { client } = scene({
      fetch: (url) =>
        String(url).includes('/7/')
          ? Promise.resolve(Response.json({ items: [message(1)], hasMore: false }))
          : new Promise(() => {}),
    });
    const shown: string[] = [];
    let roomId = 7;
    const Screen = () => {
      shown.push([roomId, ...useHistory(roomId).messages.map(({ id }) => id)].join(' '));
      return null;
    };
    const screen = mount(client, Screen);
    await settle();
    expect(shown.at(-1)).toBe('7 1');
    roomId = 8;
    screen.show();
    await settle();
    expect(shown.filter((one) => one.startsWith('8'))).not.toContain('8 1');
    screen.unmount();
  });

  it('say why an older page could not be read, and reject nowhere', async () => {
    const { client, session, connect } = scene({ fetch: () => Promise.resolve(new Response('', { status: 502 })) });
    let view: RoomView | undefined;
    const Screen = () => ((view = useRoom(7)), null);
    const screen = mount(client, Screen);
    await connect();
    await act(async () => session().receipt(ROOM, { recovered: 'true' }));
    await act(async () => {
      await view?.loadOlder();
    });
    expect(view?.olderError).toMatchObject({ code: 'BAD_ANSWER' });
    screen.unmount();
  });

  it('render on a server, and say what is missing where there is no provider', () => {
    const { client } = scene();
    const Screen = () => createElement('p', null, useConnection().name, useRoom(7).messages.length);
    const element = createElement(ChatProvider, { client }, createElement(Screen));
    expect(renderToString(element)).toContain('offline');
    expect(() => renderToString(createElement(Screen))).toThrow('ChatProvider');
  });
});
