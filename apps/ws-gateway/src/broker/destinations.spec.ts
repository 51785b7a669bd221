import { asRoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import {
  parseSendDestination,
  parseSubscribeDestination,
  presenceDestination,
  roomDestination,
  SEND_DESTINATIONS,
  SUBSCRIBE_DESTINATIONS,
  typingDestination,
} from './destinations.ts';

const seven = asRoomId(7);

describe('destinations', () => {
  it('reads back every room destination that it writes', () => {
    expect(parseSubscribeDestination(roomDestination(seven))).toEqual({ kind: 'room', roomId: 7 });
    expect(parseSubscribeDestination(presenceDestination(seven))).toEqual({ kind: 'presence', roomId: 7 });
    expect(parseSubscribeDestination(typingDestination(seven))).toEqual({ kind: 'typing', roomId: 7 });
  });

  it.each([
    ['/topic/commands', 'commands'],
    ['/user/queue/commands', 'user-commands'],
    ['/user/queue/notifications', 'notifications'],
    ['/user/queue/errors', 'errors'],
    ['/user/queue/heartbeatReply', 'heartbeat-reply'],
  ])('knows %s', (destination, kind) => {
    expect(parseSubscribeDestination(destination)).toEqual({ kind });
  });

  it.each([
    '/app/chat.send/7',
    '/app/unsubscribe/chat_rooms/7',
    '/app/chat.typing/7',
    '/app/chat.read/7',
    '/app/heartbeat',
    '/app/auth.refresh',
  ])('sends to %s', (destination) => {
    expect(parseSendDestination(destination)).not.toBeNull();
  });

  it.each([
    '/topic/chat_rooms/',
    '/topic/chat_rooms/07',
    '/topic/chat_rooms/-1',
    '/topic/chat_rooms/1e3',
    '/topic/chat_rooms/7/',
    '/topic/chat_rooms/7/presence/',
    '/topic/chat_rooms/7/typing/',
    '/topic/chat_rooms//typing',
    '/topic/chat_rooms/9007199254740993',
    '/topic/Commands',
    'topic/commands',
    '',
  ])('has no destination %j', (destination) => {
    expect(parseSubscribeDestination(destination)).toBeNull();
  });

  it.each([
    '/app/chat.send/',
    '/app/chat.send/x',
    '/app/chat.typing/',
    '/app/chat.read/',
    '/app/heartbeat/',
    '/app/auth.refresh/7',
    '/topic/chat_rooms/7',
    '',
  ])('takes no SEND to %j', (destination) => {
    expect(parseSendDestination(destination)).toBeNull();
  });

  it.each(Object.entries(SEND_DESTINATIONS))(
    'are documented for a SEND as they are read: %s',
    (kind, { destination }) => {
      expect(parseSendDestination(destination.replace('{roomId}', '7'))?.kind).toBe(kind);
    },
  );

  it.each(Object.entries(SUBSCRIBE_DESTINATIONS))(
    'are documented for a SUBSCRIBE as they are read: %s',
    (kind, { destination }) => {
      expect(parseSubscribeDestination(destination.replace('{roomId}', '7'))?.kind).toBe(kind);
    },
  );
});
