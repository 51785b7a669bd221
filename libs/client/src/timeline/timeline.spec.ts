import { createToken } from '@chat/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createChatClientOver } from '../create-chat-client.ts';
import { scriptedSessions } from '../session/scripted-sessions.ts';
import { openTimeline } from './timeline.ts';

const ROOM = '/topic/chat_rooms/7';
const message = (id: number, more: object = {}) => ({ id, senderId: 1, roomId: 7, content: `text ${id}`, type: 'GROUP', timestamp: '', ...more }); // prettier-ignore

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const settle = () => vi.advanceTimersByTimeAsync(0);

/** A live timeline with messages 4 and 5; REST answers what the spec puts in, and tells when it was asked. */
async function scene() {
  const sessions = scriptedSessions();
  const answers: { items: object[]; hasMore: boolean }[] = [];
  const asked: string[] = [];
  let whenAsked = () => {};
  const client = createChatClientOver(
    {
      gatewayUrl: 'ws://one/ws',
      apiUrl: 'http://api',
      getToken: () => createToken({ userId: 1 }),
      fetch: (url) => {
        asked.push(new URL(String(url)).search);
        whenAsked();
        return Promise.resolve(Response.json(answers.shift() ?? { items: [], hasMore: false }));
      },
    },
    sessions.open,
  );
  const timeline = openTimeline(client, 7);
  client.connect();
  await settle();
  const [session] = sessions.all;
  if (session === undefined) throw new Error('there is no session');
  session.connected();
  session.receipt('/user/queue/errors');
  for (const id of [4, 5]) session.message(ROOM, message(id), { 'message-id': `${id}`, prev: `${id - 1}` });
  session.receipt(ROOM, { recovered: 'true' });
  await settle();
  const texts = () => timeline.get().messages.map(({ content }) => content);
  const onAsk = (act: () => void) => (whenAsked = act);
  return { timeline, session, answers, asked, texts, onAsk };
}

describe('a timeline', () => {
  it('begins with the last texts, and loads older pages until there are none', async () => {
    const { timeline, answers, asked, texts } = await scene();
    expect([texts(), timeline.get().room.name]).toEqual([['text 4', 'text 5'], 'live']);
    answers.push({ items: [message(2), message(3)], hasMore: true }, { items: [message(1)], hasMore: false });
    await Promise.all([timeline.loadOlder(), timeline.loadOlder()]);
    expect(texts()).toEqual(['text 2', 'text 3', 'text 4', 'text 5']);
    await timeline.loadOlder();
    await timeline.loadOlder();
    expect(timeline.get()).toMatchObject({ hasOlder: false, isLoadingOlder: false });
    expect(asked).toEqual(['?limit=50&before=4', '?limit=50&before=2']);
  });

  it('reads a page once more that was changed while it was read', async () => {
    const { timeline, session, answers, asked, texts, onAsk } = await scene();
    answers.push({ items: [message(3)], hasMore: true }, { items: [message(3, { content: 'edited' })], hasMore: true });
    onAsk(() => {
      const change = message(6, { kind: 'EDIT', targetId: 3, content: 'edited' });
      session.message(ROOM, change, { 'message-id': '6', prev: '5' });
    });
    await timeline.loadOlder();
    expect([texts()[0], asked.length]).toEqual(['edited', 2]);
  });

  it('reads the newest part anew after a gap, and keeps what came behind it', async () => {
    const { session, answers, asked, texts } = await scene();
    answers.push({ items: [message(6), message(7)], hasMore: false });
    answers.push({ items: [message(4, { content: 'edited' }), message(5), message(6)], hasMore: true });
    session.message(ROOM, message(7), { 'message-id': '7', prev: '6' });
    await settle();
    expect(asked).toEqual(['?after=5&limit=200', '?limit=200']);
    expect(texts()).toEqual(['edited', 'text 5', 'text 6', 'text 7']);
  });

  it('shows nothing more once it is closed', async () => {
    const { timeline, session, texts } = await scene();
    timeline.close();
    session.message(ROOM, message(6), { 'message-id': '6', prev: '5' });
    await timeline.loadOlder();
    expect(texts()).toEqual(['text 4', 'text 5']);
  });
});
