import type { RoomPresenceDTO, TypingDTO, UserPresenceDTO, MessageReceiptsDTO } from '@chat/dto';
import type { ChatRoom, RoomPresence, RoomTypists, SendOptions } from '../api.ts';
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
  const topic = `/topic/chat_rooms/${roomId}`;
  const signals = new TypingSignals(limits.typingEveryMs);
  const presences = new Map<boolean, Store<RoomPresence>>();
  /** What a feed makes of a value while somebody listens, and what is left of it once nothing is heard. */
  const kept = <Value, News>(
    initial: Value,
    feed: Feed<News>,
    apply: (value: Value, news: News) => Value,
    unheard: (value: Value) => Value,
  ): Store<Value> => {
    const lost = () => cell.set(unheard(cell.get()));
    const heard = () => {
      const stop = feed.listen({ message: (news) => cell.set(apply(cell.get(), news)), lost });
      return () => {
        stop();
        lost();
      };
    };
    const cell = createCell(initial, { call, heard });
    return cell;
  };
  const presenceOf = (all: boolean) =>
    kept(
      UNKNOWN_PRESENCE,
      new Feed<RoomPresenceDTO | UserPresenceDTO>(subscriptions, `${topic}/presence`, all ? { users: 'all' } : {}),
      applyPresence,
      (value) => ({ ...value, isStale: true }),
    );
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
      const known = presences.get(all) ?? presenceOf(all);
      presences.set(all, known);
      return known;
    },
    typists: kept<RoomTypists, TypingDTO>(
      NOBODY_TYPES,
      new Feed(subscriptions, `${topic}/typing`),
      (_, { userIds, count }) => ({ userIds, count }),
      () => NOBODY_TYPES,
    ),
    receipts: kept(
      NO_RECEIPTS,
      context.receipts,
      (value, news) => (news.roomId === roomId ? applyReceipts(value, news) : value),
      (value) => value,
    ),
    history: (options = {}) => pageHistory(roomId, options, rest.listMessages),
  };
}
