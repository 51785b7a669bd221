import type {
  BanRequest,
  ChatRoomDTO,
  CommandDTO,
  CreateRoomRequest,
  HistoryMessageDTO,
  InvitationDTO,
  MemberRole,
  MessageReceipt,
  MessageStatus,
  MessageStatusDTO,
  OwnInvitationDTO,
  PageDTO,
  PresenceEvent,
  ReactionCount,
  RoomBanDTO,
  RoomMemberDTO,
  RoomNotificationDTO,
  SystemNotice,
  UnreadDTO,
  UpdateRoomRequest,
} from '@chat/dto';
import type { ChatClientError } from './error.ts';
import type { ChatLimits } from './limits.ts';
import type { Stop, Store } from './store.ts';

/** Why a token is asked for: to connect or to call REST, before the last one expires, or because it was refused. */
export type TokenReason = 'connect' | 'expiring' | 'refused';

export interface TokenRequest {
  readonly reason: TokenReason;
  /** Aborted at the deadline. */
  readonly signal: AbortSignal;
}

export interface ChatClientOptions {
  /** WebSocket address of a gateway, or of several: `wss://chat.example.com/ws`. After one that fails the next is tried. */
  readonly gatewayUrl: string | readonly string[];
  /** Where the REST API is, without path: `https://chat.example.com`. Needed by `rest`, history, unread, and to fill gaps. */
  readonly apiUrl?: string;
  /**
   * A JWT of the user; null where there is none any more, which closes the client. Rejections are tried again. Called when
   * connecting and ahead of the expiry, never more than once at a time.
   */
  readonly getToken: (request: TokenRequest) => Promise<string | null> | string | null;
  /** `app-version` of CONNECT, for commands that are meant for some versions. */
  readonly appVersion?: string;
  readonly limits?: Partial<ChatLimits>;
  /** Sees every frame in both directions, without the token. */
  readonly onFrame?: (frame: ObservedFrame) => void;
  /** Told of what no promise tells: refused subscriptions, callbacks that threw, frames that cannot be read. */
  readonly onError?: (error: ChatClientError) => void;
  /** The WebSocket of the platform by default; Node 20 has none: pass that of `ws`. */
  readonly WebSocket?: WebSocketConstructor;
  readonly fetch?: typeof fetch;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => object;

/** A STOMP frame as it is on the wire, for people who look. */
export interface ObservedFrame {
  readonly direction: 'in' | 'out';
  /** A heart-beat, which is no frame, is `HEART-BEAT`. */
  readonly command: string;
  /** Without the token. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ms since 1970. */
  readonly at: number;
  readonly gatewayUrl: string;
}

/** Why a connection ended. `code` is the close code of the WebSocket, 1006 where it was cut. */
export interface ConnectionLoss {
  readonly code: number;
  /** What ERROR, `getToken` or the SDK said, or the reason of the close. */
  readonly error: ChatClientError | null;
}

/**
 * `unauthenticated`: no token, or none that the gateway takes. `revoked`: close 4003. `protocol` and `too-big`: close 1002 and
 * 1009, a fault of the client. `policy`: close 1008 for what is no token. `client`: `close()` was called.
 */
export type ClosedReason = 'client' | 'unauthenticated' | 'revoked' | 'protocol' | 'too-big' | 'policy';

export type ConnectionState =
  /** `retryAt` in ms since 1970 while it waits for the next try; null while it tries. `error` is why the last try failed. */
  | {
      readonly name: 'connecting';
      readonly attempt: number;
      readonly retryAt: number | null;
      readonly error: ChatClientError | null;
    }
  | { readonly name: 'connected'; readonly gatewayUrl: string; readonly sessionId: string; readonly userId: number }
  /** Was connected and is getting back; nothing is lost meanwhile. */
  | {
      readonly name: 'recovering';
      readonly attempt: number;
      readonly retryAt: number | null;
      readonly error: ChatClientError | null;
      readonly loss: ConnectionLoss;
    }
  /** Does not try: not told to yet, told to stop, or without network. */
  | { readonly name: 'offline'; readonly reason: 'not-started' | 'paused' | 'no-network' }
  /** For good, until `connect()` is called again. */
  | { readonly name: 'closed'; readonly reason: ClosedReason; readonly error: ChatClientError | null };

export interface ChatClient {
  readonly connection: Store<ConnectionState>;
  /** `sub` of the last token; null before there was one. */
  readonly userId: number | null;
  /**
   * Starts, or starts again after `pause` and `closed`. Throws a TypeError where no gateway is named, an address is none, or
   * there is no WebSocket.
   */
  connect(): void;
  /** Resolves when connected; rejects when closed, with the error that closed it. */
  whenConnected(): Promise<void>;
  /** Stops trying and hangs up until `connect()`: what waits to be sent goes on waiting. */
  pause(): void;
  /** DISCONNECT; what waits to be sent is given up. Resolves when the socket is closed. */
  close(): Promise<void>;
  room(roomId: number): ChatRoom;
  /** What is unread, kept up to date while somebody listens to it. Needs `apiUrl`. */
  readonly unread: Store<Unread>;
  /** News of rooms that are not open here. */
  onNotification(listener: (notification: RoomNotificationDTO) => void): Stop;
  /** System commands to this user, to their rooms and to everybody; each once. */
  onCommand(listener: (command: CommandDTO) => void): Stop;
  /** Calls of the REST API with the token of the client; reject with ChatClientError. Need `apiUrl`. */
  readonly rest: RestApi;
}

export interface ChatRoom {
  readonly id: number;
  /** Messages from now on, or from where it says; over reconnects without a gap, each once, in the order of the room. */
  open(options: OpenRoomOptions): OpenRoom;
  /** Resolves with the id of the message once it is in the log; the order of a room's sends is kept. */
  send(text: string, options?: SendOptions): Promise<number>;
  /** A new text for a message of one's own. Resolves, as all of these do, with the id of the change. */
  edit(messageId: number, text: string, options?: SendOptions): Promise<number>;
  remove(messageId: number, options?: SendOptions): Promise<number>;
  react(messageId: number, reaction: string, options?: SendOptions): Promise<number>;
  /** Takes a reaction back. */
  unreact(messageId: number, reaction: string, options?: SendOptions): Promise<number>;
  /** What was sent here and has no answer yet, in order. */
  readonly outbox: Store<readonly OutgoingSend[]>;
  /** Everything up to the message is read. Of several the last one counts; it is tried as long as a send. */
  markRead(messageId: number): Promise<void>;
  /** The user types, or does so no more. Call it at each key: it is throttled, and lost without a connection. */
  typing(isTyping?: boolean): void;
  /** The user left the tab of the room: last seen moves. It stays open here, but is notified of like a room that is not. */
  exit(): Promise<void>;
  /** Who is there, kept up to date while somebody listens to it. */
  presence(options?: PresenceOptions): Store<RoomPresence>;
  /** Who types, kept up to date while somebody listens to it. */
  readonly typists: Store<RoomTypists>;
  /** What became of one's own messages here, kept up to date while somebody listens to it. */
  readonly receipts: Store<RoomReceipts>;
  /** Pages of the history backwards, each in the order of the room. Needs `apiUrl`. */
  history(options?: HistoryOptions): AsyncIterableIterator<readonly HistoryMessageDTO[]>;
}

export interface SendOptions {
  /** Resolve once the message is in the database, and so in the history, not only in the log. */
  readonly persisted?: boolean;
  /** Key under which it is one message however often it is sent; made by the SDK where none is given. */
  readonly clientMessageId?: string;
  /** It may have been sent before under this `clientMessageId`, when the application ran last: the answer is exact. */
  readonly resend?: boolean;
  /** How long it is tried, in ms. */
  readonly deadlineMs?: number;
}

export interface OutgoingSend {
  readonly clientMessageId: string;
  readonly roomId: number;
  readonly kind: 'TEXT' | 'EDIT' | 'DELETE' | 'REACTION';
  /** New text, or what is reacted with; empty for a removal. */
  readonly content: string;
  readonly targetId: number | null;
  /** `queued`: not on its way; `sending`: on its way, the outcome is open. */
  readonly state: 'queued' | 'sending';
  /** Ms since 1970 when it was asked for. */
  readonly at: number;
}

export interface OpenRoomOptions {
  /** Texts, SYSTEM messages and what changes messages (`kind` EDIT, DELETE, REACTION), in the order of the room. */
  readonly onMessage: (message: HistoryMessageDTO, origin: MessageOrigin) => void;
  /** Something could not be brought as it happened. */
  readonly onDiscontinuity?: (gap: Discontinuity) => void;
  /** Go on behind this message; 0: from the first one. */
  readonly since?: number;
  /** So many of the last texts first, with all that lies among them; at most 200. Not together with `since`. */
  readonly history?: number;
}

export interface MessageOrigin {
  /** `live`; `replayed` by the gateway; `history`: read by REST to fill a gap, in its newest state. */
  readonly via: 'live' | 'replayed' | 'history';
  /** Key of the SEND, where the gateway tells. */
  readonly clientMessageId: string | null;
}

export interface Discontinuity {
  readonly roomId: number;
  /** The last message that was delivered before; null where none was. */
  readonly after: number | null;
  /**
   * `changes`: the messages were read by REST and delivered, but edits, deletions and reactions to messages at or before `after`
   * may have been missed: read again what is shown. `messages`: some may be missing between `after` and the next one.
   */
  readonly missing: 'changes' | 'messages';
  /** Messages that were delivered from the history in its place. */
  readonly filledCount: number;
  /** A sentence for a developer. */
  readonly reason: string;
}

export type OpenRoomState =
  | { readonly name: 'opening' }
  /** Nothing is missed from here on. */
  | { readonly name: 'live' }
  /** The connection is gone, or what was missed is on its way. */
  | { readonly name: 'recovering' }
  /** The service does not let the user in, or took them out. */
  | { readonly name: 'refused'; readonly error: ChatClientError }
  | { readonly name: 'closed' };

export interface OpenRoom {
  readonly roomId: number;
  readonly state: Store<OpenRoomState>;
  /** Of the last message that was given to `onMessage`: `since` of the next start of the application. */
  readonly lastMessageId: number | null;
  close(): void;
}

export interface PresenceOptions {
  /** Name everybody who is online, however large the room. */
  readonly all?: boolean;
}

export interface RoomPresence {
  readonly onlineCount: number;
  /** Those that are known; in a large room not everybody, unless asked for. */
  readonly users: ReadonlyMap<number, UserPresence>;
  /** Whoever is not among `users` is offline. */
  readonly isComplete: boolean;
  /** It may be behind what is so: the service says so, or there is no connection. */
  readonly isStale: boolean;
}

export interface UserPresence {
  readonly isOnline: boolean;
  /** What happened last, where it was told. */
  readonly event?: PresenceEvent;
  readonly at?: string;
  readonly version: number;
}

export interface RoomTypists {
  readonly userIds: readonly number[];
  /** More than are named, in a crowd. */
  readonly count: number;
}

export interface RoomReceipts {
  /** What was told of single messages, newest word each, in the order in which they were told of first. */
  readonly byMessage: ReadonlyMap<number, MessageReceipt>;
}

/** What a tick shows. */
export type Tick = MessageStatus;

export interface Unread {
  /** Of all rooms; null before it is known. */
  readonly total: number | null;
  /** Rooms with something unread. */
  readonly byRoom: ReadonlyMap<number, number>;
}

export interface HistoryOptions {
  /** Begin before this message instead of at the newest. */
  readonly before?: number;
  /** At most 200; 50 by default. */
  readonly pageSize?: number;
}

export interface PageOptions {
  /** From 0. */
  readonly page?: number;
  readonly size?: number;
}

export interface HistoryPage {
  readonly items: readonly HistoryMessageDTO[];
  readonly hasMore: boolean;
}

/** What the REST API answers (docs/openapi.json), one function an endpoint. */
export interface RestApi {
  createRoom(room: Partial<CreateRoomRequest> & Pick<CreateRoomRequest, 'name'>): Promise<ChatRoomDTO>;
  listPublicRooms(options?: PageOptions): Promise<PageDTO<ChatRoomDTO>>;
  /** Newest activity first, with what is unread and the last message. */
  listOwnRooms(options?: PageOptions): Promise<PageDTO<ChatRoomDTO>>;
  getRoom(roomId: number): Promise<ChatRoomDTO>;
  updateRoom(roomId: number, change: UpdateRoomRequest): Promise<ChatRoomDTO>;
  archiveRoom(roomId: number): Promise<void>;
  joinRoom(roomId: number): Promise<ChatRoomDTO>;
  /** The one room of two. */
  openDirectRoom(userId: number): Promise<ChatRoomDTO>;
  listMembers(roomId: number): Promise<readonly RoomMemberDTO[]>;
  /** Adds in a public room, which has a member then; invites to a private one. */
  addMember(roomId: number, userId: number, role?: 'ADMIN' | 'MEMBER'): Promise<RoomMemberDTO | InvitationDTO>;
  changeRole(roomId: number, userId: number, role: MemberRole): Promise<RoomMemberDTO>;
  /** Oneself: leaves the room. */
  removeMember(roomId: number, userId: number): Promise<void>;
  listOwnInvitations(): Promise<readonly OwnInvitationDTO[]>;
  declineInvitation(roomId: number): Promise<void>;
  listBans(roomId: number): Promise<readonly RoomBanDTO[]>;
  /** Without `expiresAt` for good. */
  ban(roomId: number, userId: number, ban?: BanRequest): Promise<RoomBanDTO>;
  liftBan(roomId: number, userId: number): Promise<void>;
  listMessages(
    roomId: number,
    options?: { readonly before?: number; readonly after?: number; readonly limit?: number },
  ): Promise<HistoryPage>;
  getUnread(): Promise<UnreadDTO>;
  getMessageStatus(roomId: number, messageId: number): Promise<MessageStatusDTO>;
}

/** A room as a screen shows it: what changes messages is applied by the rules of docs/stomp.md, "Changing messages". */
export interface Timeline extends Store<TimelineState> {
  readonly roomId: number;
  /**
   * Puts the page before the first message that is shown in front; no-op while one is loaded and when there is none. Rejects
   * where it cannot be read, and the state has the error.
   */
  loadOlder(): Promise<void>;
  close(): void;
}

export interface TimelineOptions {
  /** Texts to begin with; 50 by default. */
  readonly history?: number;
  readonly onDiscontinuity?: (gap: Discontinuity) => void;
}

export interface TimelineState {
  readonly room: OpenRoomState;
  /** In the order of the room. */
  readonly messages: readonly TimelineMessage[];
  /** Whether there is, or may be, something before the first one. */
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  /** Why the last `loadOlder` failed; null once there is another one. */
  readonly olderError: ChatClientError | null;
}

export interface TimelineMessage {
  readonly id: number;
  readonly senderId: number;
  readonly kind: 'TEXT' | 'SYSTEM';
  /** Newest text; empty where it was deleted. */
  readonly content: string;
  readonly timestamp: string;
  readonly system: SystemNotice | null;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  /** Most used first. */
  readonly reactions: readonly ReactionCount[];
  readonly clientMessageId: string | null;
}
