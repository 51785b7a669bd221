import type { CommandDTO, MessageReceiptsDTO, RoomNotificationDTO } from '@chat/dto';
import type { ChatClient, ChatClientOptions, ChatRoom, ConnectionState } from './api.ts';
import { KeepConnection, type OpenSession } from './connection/keep-connection.ts';
import { TokenKeeper } from './connection/token-keeper.ts';
import { clientError, type ChatClientError } from './error.ts';
import { limitsOf } from './limits.ts';
import { onCommand } from './live/commands.ts';
import { Feed } from './live/feed.ts';
import { createUnread } from './live/unread.ts';
import { createRestApi } from './rest/rest-api.ts';
import { createChatRoom } from './rooms/chat-room.ts';
import { ReadMarks } from './rooms/read-marks.ts';
import { Sender } from './sending/sender.ts';
import { Subscriptions } from './session/subscriptions.ts';
import type { CallListener } from './store.ts';

/** A client of one user. It connects when it is told to, and does nothing before. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  return createChatClientOver(options);
}

/** The same over sessions of another making, as specs do it. */
export function createChatClientOver(options: ChatClientOptions, openSession?: OpenSession): ChatClient {
  const limits = limitsOf(options.limits);
  const gatewayUrls = [options.gatewayUrl].flat();
  const report = (error: ChatClientError) => {
    try {
      options.onError?.(error);
    } catch {
      // nobody is left to be told
    }
  };
  const call: CallListener = (listener) => {
    try {
      listener();
    } catch (cause) {
      report(clientError('LISTENER_FAILED', { cause }));
    }
  };
  const tokens = new TokenKeeper({ getToken: options.getToken, deadlineMs: limits.tokenDeadlineMs });
  const rest = createRestApi({
    apiUrl: options.apiUrl,
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    tokens,
    deadlineMs: limits.restDeadlineMs,
  });
  const shared = { limits, call, report, rest };
  const connection = new KeepConnection({
    ...shared,
    client: options,
    gatewayUrls,
    tokens,
    ...(openSession && { openSession }),
  });
  const subscriptions = new Subscriptions({ connection, ...shared });
  const notifications = new Feed<RoomNotificationDTO>(subscriptions, '/user/queue/notifications');
  const commands = ['/topic/commands', '/user/queue/commands'].map(
    (destination) => new Feed<CommandDTO>(subscriptions, destination),
  );
  const context = {
    ...shared,
    connection,
    subscriptions,
    sender: new Sender({ connection, ...shared }),
    readMarks: new ReadMarks(connection, limits),
    receipts: new Feed<MessageReceiptsDTO>(subscriptions, '/user/queue/receipts'),
  };
  /** One a room that the application has named. */
  const rooms = new Map<number, ChatRoom>();
  return {
    connection: connection.state,
    get userId() {
      return tokens.claims?.userId ?? null;
    },
    connect: () => connection.connect(),
    whenConnected: () => whenConnected(connection),
    pause: () => connection.pause(),
    close: () => connection.close(),
    room: (roomId) => {
      const room = rooms.get(roomId) ?? createChatRoom(roomId, context);
      rooms.set(roomId, room);
      return room;
    },
    unread: createUnread({ ...shared, notifications, getUnread: rest.getUnread }),
    onNotification: (listener) => notifications.listen({ message: (one) => call(() => listener(one)) }),
    onCommand: (listener) => onCommand(commands, (command) => call(() => listener(command))),
    rest: { ...rest, joinRoom: (roomId) => rest.joinRoom(roomId).finally(() => subscriptions.askAgain()) },
  };
}

function whenConnected({ state }: KeepConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (now: ConnectionState) => {
      if (now.name === 'connected') resolve();
      else if (now.name === 'closed')
        reject(now.error ?? clientError('SESSION_ENDED', { message: `closed: ${now.reason}` }));
      else return;
      stop();
    };
    const stop = state.subscribe(look);
    look(state.get());
  });
}
