import { parseRoomId, type RoomId } from '@chat/dto';

/** Where a client may subscribe. */
export type SubscribeDestination =
  | { readonly kind: 'room'; readonly roomId: RoomId }
  | { readonly kind: 'presence'; readonly roomId: RoomId }
  | { readonly kind: 'commands' }
  | { readonly kind: 'user-commands' }
  | { readonly kind: 'errors' }
  | { readonly kind: 'heartbeat-reply' };

/** Where a client may send. */
export type SendDestination =
  | { readonly kind: 'send'; readonly roomId: RoomId }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'leave-room'; readonly roomId: RoomId };

export const ERRORS_DESTINATION = '/user/queue/errors';
export const HEARTBEAT_REPLY_DESTINATION = '/user/queue/heartbeatReply';
export const COMMANDS_DESTINATION = '/topic/commands';
export const USER_COMMANDS_DESTINATION = '/user/queue/commands';

const ROOM_TOPIC = '/topic/chat_rooms/';
const PRESENCE_SUFFIX = '/presence';
const SEND_PREFIX = '/app/chat.send/';
const LEAVE_PREFIX = '/app/unsubscribe/chat_rooms/';

export const roomDestination = (roomId: RoomId): string => `${ROOM_TOPIC}${roomId}`;
export const presenceDestination = (roomId: RoomId): string => `${ROOM_TOPIC}${roomId}${PRESENCE_SUFFIX}`;

/** What a SUBSCRIBE's destination names, or null where there is no such destination. */
export function parseSubscribeDestination(destination: string): SubscribeDestination | null {
  if (destination.startsWith(ROOM_TOPIC)) return parseRoomTopic(destination.slice(ROOM_TOPIC.length));
  switch (destination) {
    case COMMANDS_DESTINATION:
      return { kind: 'commands' };
    case USER_COMMANDS_DESTINATION:
      return { kind: 'user-commands' };
    case ERRORS_DESTINATION:
      return { kind: 'errors' };
    case HEARTBEAT_REPLY_DESTINATION:
      return { kind: 'heartbeat-reply' };
    default:
      return null;
  }
}

function parseRoomTopic(rest: string): SubscribeDestination | null {
  const isPresence = rest.endsWith(PRESENCE_SUFFIX);
  const roomId = parseRoomId(isPresence ? rest.slice(0, -PRESENCE_SUFFIX.length) : rest);
  if (roomId === null) return null;
  return { kind: isPresence ? 'presence' : 'room', roomId };
}

/** What a SEND's destination names, or null where there is no such destination. */
export function parseSendDestination(destination: string): SendDestination | null {
  if (destination === '/app/heartbeat') return { kind: 'heartbeat' };
  if (destination.startsWith(SEND_PREFIX)) return withRoom('send', destination.slice(SEND_PREFIX.length));
  if (destination.startsWith(LEAVE_PREFIX)) return withRoom('leave-room', destination.slice(LEAVE_PREFIX.length));
  return null;
}

function withRoom(kind: 'send' | 'leave-room', text: string): SendDestination | null {
  const roomId = parseRoomId(text);
  return roomId === null ? null : { kind, roomId };
}
