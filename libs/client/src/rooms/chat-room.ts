import type { RoomPresenceDTO, TypingDTO, UserPresenceDTO, MessageReceiptsDTO } from '@chat/dto';
import type { ChatRoom, RoomPresence, RoomReceipts, RoomTypists, SendOptions } from '../api.ts';
import type { KeepConnection } from '../connection/keep-connection.ts';
import { clientError } from '../error.ts';
import { Feed } from '../live/feed.ts';
import { applyPresence, UNKNOWN_PRESENCE } from '../live/presence-model.ts';
import { applyReceipts, NO_RECEIPTS } from '../live/receipts-model.ts';
import { TypingSignals } from '../live/typing-signals.ts';
import type { Saying, Sender } from '../sending/sender.ts';
import { createCell, type Store } from '../store.ts';
import { openRoom, type OpenRoomContext } from './open-room.ts';
import { pageHistory } from './page-history.ts';
import type { ReadMarks } from './read-marks.ts';

export interface ChatRoomContext extends OpenRoomContext {
  readonly connection: KeepConnection;
  readonly sender: Sender;
  readonly readMarks: ReadMarks;
  readonly receipts: Feed<MessageReceiptsDTO>;
}

const NOBODY_TYPES: RoomTypists = { userIds: [], count: 0 };

export function createChatRoom(roomId: number, context: ChatRoomContext): ChatRoom {
  const { connection, sender, readMarks, subscriptions, limits, rest, call } = context;
  const signals = new TypingSignals(limits.typingEveryMs);
  const presences = new Map<boolean, Store<RoomPresence>>();
  const typists = typistsOf(roomId, context);
  const receipts = receiptsOf(roomId, context);
  const say = (
    kind: Saying['kind'],
    address: string,
    { targetId = null, content = '', ...more }: { targetId?: number | null; content?: string; removed?: true },
    options?: SendOptions,
  ) => {
    const body = {
      ...(targetId !== null && { targetId }),
      ...(kind !== 'DELETE' && { content }),
      ...more,
    };
    return sender.say({ roomId, kind, content, targetId, destination: `/app/${address}/${roomId}`, body }, options);
  };
  return {
    id: roomId,
    open: (options) => openRoom(roomId, options, context),
    send: (content, options) => {
      signals.forget();
      return say('TEXT', 'chat.send', { content }, options);
    },
    edit: (targetId, content, options) => say('EDIT', 'chat.edit', { targetId, content }, options),
    remove: (targetId, options) => say('DELETE', 'chat.delete', { targetId }, options),
    react: (targetId, content, options) => say('REACTION', 'chat.react', { targetId, content }, options),
    unreact: (targetId, content, options) =>
      say('REACTION', 'chat.react', { targetId, content, removed: true }, options),
    outbox: sender.waitingIn(roomId),
    markRead: (messageId) => readMarks.mark(roomId, messageId),
    typing: (isTyping = true) => {
      const { exchange } = connection;
      const signal = exchange === null ? null : signals.next(isTyping, Date.now());
      if (signal !== null) exchange?.tell(`/app/chat.typing/${roomId}`, JSON.stringify({ isTyping: signal }));
    },
    exit: async () => {
      const { exchange } = connection;
      if (exchange === null) throw clientError('NOT_CONNECTED');
      await exchange.send(`/app/unsubscribe/chat_rooms/${roomId}`, {}, '');
    },
    presence: ({ all = false } = {}) => {
      const known = presences.get(all) ?? presenceOf(roomId, all, context);
      presences.set(all, known);
      return known;
    },
    typists,
    receipts,
    history: (options = {}) =>
      pageHistory(roomId, options, (...query) => rest?.listMessages(...query) ?? Promise.reject(clientError('NO_API'))),
  };

  function presenceOf(id: number, all: boolean, { call: callListener }: ChatRoomContext): Store<RoomPresence> {
    const headers: Readonly<Record<string, string>> = all ? { users: 'all' } : {};
    const feed = new Feed<RoomPresenceDTO | UserPresenceDTO>(
      subscriptions,
      `/topic/chat_rooms/${id}/presence`,
      headers,
    );
    const stale = () => cell.set({ ...cell.get(), isStale: true });
    const cell = createCell(UNKNOWN_PRESENCE, {
      call: callListener,
      heard: () => {
        const stop = feed.listen({ message: (frame) => cell.set(applyPresence(cell.get(), frame)), lost: stale });
        return () => {
          stop();
          stale();
        };
      },
    });
    return cell;
  }

  function typistsOf(id: number, { call: callListener }: ChatRoomContext): Store<RoomTypists> {
    const feed = new Feed<TypingDTO>(subscriptions, `/topic/chat_rooms/${id}/typing`);
    const nobody = () => cell.set(NOBODY_TYPES);
    const cell = createCell(NOBODY_TYPES, {
      call: callListener,
      heard: () => {
        const stop = feed.listen({ message: ({ userIds, count }) => cell.set({ userIds, count }), lost: nobody });
        return () => {
          stop();
          nobody();
        };
      },
    });
    return cell;
  }

  function receiptsOf(id: number, { receipts: feed }: ChatRoomContext): Store<RoomReceipts> {
    const cell = createCell(NO_RECEIPTS, {
      call,
      heard: () =>
        feed.listen({
          message: (news) => {
            if (news.roomId === id) cell.set(applyReceipts(cell.get(), news));
          },
        }),
    });
    return cell;
  }
}
