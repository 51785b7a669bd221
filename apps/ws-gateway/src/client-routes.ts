import type { Caller, TokenVerifier } from '@chat/auth';
import type { SentMessageRepository } from '@chat/database';
import type { LogPosition, MessageId, ReceiptDTO, RoomId, UserId } from '@chat/dto';
import type { OrderedPublisher } from '@chat/kafka';
import type { SharedRate } from '@chat/redis';
import type { Clock, Tracing } from '@chat/service-kit';
import type { OpenSession } from './broker/gateway.ts';
import type { SessionRegistry } from './broker/session-registry.ts';
import { Heartbeat } from './inbound/heartbeat.ts';
import { leaveRoom } from './inbound/leave-room.ts';
import { markRead } from './inbound/mark-read.ts';
import { refreshToken } from './inbound/refresh-token.ts';
import { RoomQuota } from './inbound/room-quota.ts';
import { Routes } from './inbound/routes.ts';
import { SendMessage } from './inbound/send-message.ts';
import { StoredSends } from './inbound/stored-sends.ts';
import { TracedPublisher, TracedSends, type MessagePublisher } from './inbound/traced-sends.ts';
import { acceptTyping } from './inbound/typing.ts';
import type { MembershipIndex } from './membership/membership-index.ts';
import type { MessageLog } from './message-log.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { SessionTabs } from './presence/session-tabs.ts';
import type { ReceiptsTeller } from './receipts/receipts-teller.ts';
import { ReadMarks } from './reading/read-marks.ts';
import type { RoomTyping } from './typing/room-typing.ts';

export interface ClientRoutesOptions {
  readonly sessions: SessionRegistry<OpenSession>;
  readonly memberships: MembershipIndex;
  readonly receipts: Pick<ReceiptsTeller, 'isListening'>;
  readonly tabs: SessionTabs;
  readonly typing: RoomTyping;
  readonly log: MessageLog;
  readonly verifier: TokenVerifier;
  readonly saveUsername: (caller: Caller) => void;
  readonly renewed: (session: OpenSession) => void;
  readonly sentMessages: SentMessageRepository;
  readonly roomRate: SharedRate;
  readonly publisher: OrderedPublisher;
  readonly publishReceipt: (receipt: ReceiptDTO) => Promise<unknown>;
  readonly nextMessageId: () => MessageId;
  /** Which instance publishes. */
  readonly source: string;
  readonly tracing: Tracing | null;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
}

/** What a client may SEND, each with what it needs. */
export function createClientRoutes(options: ClientRoutesOptions): Routes {
  const { sessions, memberships, receipts, tabs, typing, log, verifier, sentMessages, source, tracing, clock } =
    options;
  const peekMembership = (roomId: RoomId, userId: UserId) => memberships.peek(roomId, userId);
  const findMembership = (roomId: RoomId, userId: UserId) => memberships.find(roomId, userId);
  const readMarks = new ReadMarks({ publish: options.publishReceipt, clock });
  const leaving = { findMembership, exited: (session: OpenSession, roomId: RoomId) => tabs.exited(session, roomId) };
  const marking = {
    findMembership,
    findPosition: (roomId: RoomId, messageId: MessageId) => log.positions.find(roomId, messageId),
    publish: (roomId: RoomId, userId: UserId, position: LogPosition) => readMarks.publish(roomId, userId, position),
  };
  const { saveUsername, renewed } = options;
  const refreshing = { verify: (token: string) => verifier.verify(token), saveUsername, renewed };
  const whoMayType = {
    peekMembership,
    findMembership,
    isOpen: (session: OpenSession) => sessions.has(session),
    said: (session: OpenSession, roomId: RoomId, isTyping: boolean) => typing.said(session, roomId, isTyping),
  };
  const publisher = messagePublisher(options);
  const sends = new SendMessage({
    peekMembership,
    findMembership,
    nextMessageId: options.nextMessageId,
    keys: log.keys,
    targets: log.targets,
    isFollowed: (senderId) => receipts.isListening(senderId),
    feed: log.feed,
    known: log.known,
    roomQuota: new RoomQuota({
      rate: options.roomRate,
      refused: () => options.metrics.limitedSends.inc({ limit: 'room' }),
    }),
    stored: new StoredSends({ rows: sentMessages, storedMore: log.storedMore, now: () => clock.now() }),
    publish: (record) => publisher.publish(record),
    publishTogether: (records) => publisher.publishTogether(records),
    source,
    clock,
  });
  return new Routes({
    sendMessage: tracing === null ? sends : new TracedSends(sends, tracing),
    heartbeat: new Heartbeat(clock, () => options.metrics.deliveries.inc({ source: 'pongs' })),
    leaveRoom: (session, roomId) => leaveRoom(session, roomId, leaving),
    markRead: (session, request) => markRead(session, request, marking),
    refreshToken: (session, body) => refreshToken(session, body, refreshing),
    acceptTyping: (session, request) => acceptTyping(session, request, whoMayType),
    typing,
  });
}

function messagePublisher({
  publisher,
  tracing,
}: Pick<ClientRoutesOptions, 'publisher' | 'tracing'>): MessagePublisher {
  const plain: MessagePublisher = {
    publish: ({ key, value, metadata }) => publisher.publish('chat-messages', key, value, metadata),
    publishTogether: (records) => publisher.publishTogether('chat-messages', records),
  };
  return tracing === null ? plain : new TracedPublisher(plain, tracing);
}
