import { parseRoomId, type ChangeKind, type DtoName, type RoomId } from '@chat/dto';

/** Where a client may subscribe. */
export type SubscribeDestination =
  | { readonly kind: 'room'; readonly roomId: RoomId }
  | { readonly kind: 'presence'; readonly roomId: RoomId }
  | { readonly kind: 'typing'; readonly roomId: RoomId }
  | { readonly kind: 'commands' }
  | { readonly kind: 'user-commands' }
  | { readonly kind: 'notifications' }
  | { readonly kind: 'receipts' }
  | { readonly kind: 'errors' }
  | { readonly kind: 'heartbeat-reply' };

/** Where a client may send what becomes a record of the room. */
export interface MessageDestination {
  readonly kind: 'send' | 'edit' | 'delete' | 'react';
  readonly roomId: RoomId;
}

/** The kind of the record; null for text. */
export const RECORD_KINDS: Readonly<Record<MessageDestination['kind'], ChangeKind | null>> = {
  send: null,
  edit: 'EDIT',
  delete: 'DELETE',
  react: 'REACTION',
};

/** Where a client may send. */
export type SendDestination =
  | MessageDestination
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'leave-room'; readonly roomId: RoomId }
  | { readonly kind: 'read'; readonly roomId: RoomId }
  | { readonly kind: 'refresh-token' }
  | { readonly kind: 'typing'; readonly roomId: RoomId };

export const ERRORS_DESTINATION = '/user/queue/errors';
export const HEARTBEAT_REPLY_DESTINATION = '/user/queue/heartbeatReply';
export const COMMANDS_DESTINATION = '/topic/commands';
export const NOTIFICATIONS_DESTINATION = '/user/queue/notifications';
export const USER_COMMANDS_DESTINATION = '/user/queue/commands';
export const RECEIPTS_DESTINATION = '/user/queue/receipts';

const ROOM_TOPIC = '/topic/chat_rooms/';
const PRESENCE_SUFFIX = '/presence';
const TYPING_SUFFIX = '/typing';
const SEND_PREFIX = '/app/chat.send/';
const EDIT_PREFIX = '/app/chat.edit/';
const DELETE_PREFIX = '/app/chat.delete/';
const REACT_PREFIX = '/app/chat.react/';
const LEAVE_PREFIX = '/app/unsubscribe/chat_rooms/';
const READ_PREFIX = '/app/chat.read/';
const TYPING_PREFIX = '/app/chat.typing/';
const HEARTBEAT_DESTINATION = '/app/heartbeat';
const REFRESH_TOKEN_DESTINATION = '/app/auth.refresh';

export const roomDestination = (roomId: RoomId): string => `${ROOM_TOPIC}${roomId}`;
export const presenceDestination = (roomId: RoomId): string => `${ROOM_TOPIC}${roomId}${PRESENCE_SUFFIX}`;
export const typingDestination = (roomId: RoomId): string => `${ROOM_TOPIC}${roomId}${TYPING_SUFFIX}`;

/** What a SUBSCRIBE's destination names, or null where there is no such destination. */
export function parseSubscribeDestination(destination: string): SubscribeDestination | null {
  if (destination.startsWith(ROOM_TOPIC)) return parseRoomTopic(destination.slice(ROOM_TOPIC.length));
  switch (destination) {
    case COMMANDS_DESTINATION:
      return { kind: 'commands' };
    case USER_COMMANDS_DESTINATION:
      return { kind: 'user-commands' };
    case NOTIFICATIONS_DESTINATION:
      return { kind: 'notifications' };
    case RECEIPTS_DESTINATION:
      return { kind: 'receipts' };
    case ERRORS_DESTINATION:
      return { kind: 'errors' };
    case HEARTBEAT_REPLY_DESTINATION:
      return { kind: 'heartbeat-reply' };
    default:
      return null;
  }
}

function parseRoomTopic(rest: string): SubscribeDestination | null {
  if (rest.endsWith(PRESENCE_SUFFIX)) return withRoom('presence', rest.slice(0, -PRESENCE_SUFFIX.length));
  if (rest.endsWith(TYPING_SUFFIX)) return withRoom('typing', rest.slice(0, -TYPING_SUFFIX.length));
  return withRoom('room', rest);
}

/** What a SEND's destination names, or null where there is no such destination. */
export function parseSendDestination(destination: string): SendDestination | null {
  if (destination === HEARTBEAT_DESTINATION) return { kind: 'heartbeat' };
  if (destination === REFRESH_TOKEN_DESTINATION) return { kind: 'refresh-token' };
  if (destination.startsWith(SEND_PREFIX)) return withRoom('send', destination.slice(SEND_PREFIX.length));
  if (destination.startsWith(EDIT_PREFIX)) return withRoom('edit', destination.slice(EDIT_PREFIX.length));
  if (destination.startsWith(DELETE_PREFIX)) return withRoom('delete', destination.slice(DELETE_PREFIX.length));
  if (destination.startsWith(REACT_PREFIX)) return withRoom('react', destination.slice(REACT_PREFIX.length));
  if (destination.startsWith(LEAVE_PREFIX)) return withRoom('leave-room', destination.slice(LEAVE_PREFIX.length));
  if (destination.startsWith(READ_PREFIX)) return withRoom('read', destination.slice(READ_PREFIX.length));
  if (destination.startsWith(TYPING_PREFIX)) return withRoom('typing', destination.slice(TYPING_PREFIX.length));
  return null;
}

function withRoom<Kind extends string>(kind: Kind, text: string): { kind: Kind; roomId: RoomId } | null {
  const roomId = parseRoomId(text);
  return roomId === null ? null : { kind, roomId };
}

/** A destination as documents show it; `{roomId}` stands for the id of a room. */
export interface DestinationRule {
  readonly destination: string;
  readonly about: string;
  /** Whether the original specification of the service has it, byte for byte. */
  readonly isOriginal: boolean;
}

export interface SendRule extends DestinationRule {
  /** What its body is; null where nobody looks at it. */
  readonly body: DtoName | null;
  readonly isBodyOptional?: true;
}

export interface SubscribeRule extends DestinationRule {
  /** What the body of a MESSAGE is: one of these. */
  readonly bodies: readonly DtoName[];
}

export const SEND_DESTINATIONS: Readonly<Record<SendDestination['kind'], SendRule>> = {
  send: {
    destination: `${SEND_PREFIX}{roomId}`,
    about:
      'a message to the room; body `ClientMessageDTO`, headers `client-message-id`, `resend`, `receipt-level`, `transaction`',
    isOriginal: true,
    body: 'ClientMessageDTO',
  },
  edit: {
    destination: `${EDIT_PREFIX}{roomId}`,
    about: 'a new text of a message of one’s own; body `ClientEditDTO`, headers as above',
    isOriginal: false,
    body: 'ClientEditDTO',
  },
  delete: {
    destination: `${DELETE_PREFIX}{roomId}`,
    about:
      'takes a message away: one’s own, or as OWNER or ADMIN of a group any; body `ClientDeleteDTO`, headers as above',
    isOriginal: false,
    body: 'ClientDeleteDTO',
  },
  react: {
    destination: `${REACT_PREFIX}{roomId}`,
    about: 'reacts to a message, or takes that back; body `ClientReactionDTO`, headers as above',
    isOriginal: false,
    body: 'ClientReactionDTO',
  },
  heartbeat: {
    destination: HEARTBEAT_DESTINATION,
    about: `keeps presence alive; the answer comes on \`${HEARTBEAT_REPLY_DESTINATION}\``,
    isOriginal: true,
    body: null,
  },
  'leave-room': {
    destination: `${LEAVE_PREFIX}{roomId}`,
    about: "the user left the room's tab: last seen moves, as UNSUBSCRIBE and the end of the session do it too",
    isOriginal: true,
    body: null,
  },
  read: {
    destination: `${READ_PREFIX}{roomId}`,
    about: 'everything of the room up to a message is read; body `{"messageId": …}`',
    isOriginal: false,
    body: 'ClientReadDTO',
  },
  typing: {
    destination: `${TYPING_PREFIX}{roomId}`,
    about: 'the user types in the room, for 10 s if nothing more is said; body empty or `ClientTypingDTO`',
    isOriginal: false,
    body: 'ClientTypingDTO',
    isBodyOptional: true,
  },
  'refresh-token': {
    destination: REFRESH_TOKEN_DESTINATION,
    about: 'the session goes on with a new token of its user; body `ClientRefreshDTO`',
    isOriginal: false,
    body: 'ClientRefreshDTO',
  },
};

export const SUBSCRIBE_DESTINATIONS: Readonly<Record<SubscribeDestination['kind'], SubscribeRule>> = {
  room: {
    destination: `${ROOM_TOPIC}{roomId}`,
    about:
      'messages of the room and what changes them in its order, `MessageDTO`, replayed with `deletedAt` where erased; headers `since` or `history`',
    isOriginal: false,
    bodies: ['MessageDTO', 'HistoryMessageDTO'],
  },
  presence: {
    destination: `${ROOM_TOPIC}{roomId}${PRESENCE_SUFFIX}`,
    about: 'who of the room is there, `RoomPresenceDTO`, then who comes and goes, `UserPresenceDTO`; header `users`',
    isOriginal: false,
    bodies: ['RoomPresenceDTO', 'UserPresenceDTO'],
  },
  typing: {
    destination: `${ROOM_TOPIC}{roomId}${TYPING_SUFFIX}`,
    about: 'who types in the room now, all of it at each change, `TypingDTO`',
    isOriginal: false,
    bodies: ['TypingDTO'],
  },
  commands: {
    destination: COMMANDS_DESTINATION,
    about: 'commands to all, to rooms of the user, and to versions of the app, `CommandDTO`; first those that stand',
    isOriginal: false,
    bodies: ['CommandDTO'],
  },
  'user-commands': {
    destination: USER_COMMANDS_DESTINATION,
    about: 'commands to the user, `CommandDTO`; first those that were kept for them',
    isOriginal: false,
    bodies: ['CommandDTO'],
  },
  notifications: {
    destination: NOTIFICATIONS_DESTINATION,
    about: 'news in rooms of the user that this session does not have open, and what is unread, `RoomNotificationDTO`',
    isOriginal: false,
    bodies: ['RoomNotificationDTO'],
  },
  receipts: {
    destination: RECEIPTS_DESTINATION,
    about:
      'what became of the messages of the user, on all devices: SENT, PERSISTED, DELIVERED, READ, `MessageReceiptsDTO`',
    isOriginal: false,
    bodies: ['MessageReceiptsDTO'],
  },
  errors: {
    destination: ERRORS_DESTINATION,
    about: 'refusals of SENDs, SUBSCRIBEs and transactions of this session, `ErrorDTO`',
    isOriginal: true,
    bodies: ['ErrorDTO'],
  },
  'heartbeat-reply': {
    destination: HEARTBEAT_REPLY_DESTINATION,
    about: 'the answer to an application heartbeat, `HeartbeatReplyDTO`: `{"type":"PONG","at":"…"}`',
    isOriginal: true,
    bodies: ['HeartbeatReplyDTO'],
  },
};
