import { randomUUID } from 'node:crypto';
import { createTokenVerifier } from '@chat/auth';
import { logEpochCheck, openDatabase, openMessageIds } from '@chat/database';
import { KafkaClient, LogReader, OrderedPublisher, TopicCatalog } from '@chat/kafka';
import type { LogPosition, MessageId, ReceiptDTO, RoomId, SessionEventDTO, UserId } from '@chat/dto';
import { GatewayLease, RedisClient, TypingChannels } from '@chat/redis';
import { HttpListener, type AppContext, type Stage } from '@chat/service-kit';
import type { OpenSession } from './broker/gateway.ts';
import { SessionRegistry } from './broker/session-registry.ts';
import { SubscriptionRegistry } from './broker/subscription-registry.ts';
import { UserQuotas } from './broker/user-quotas.ts';
import type { GatewayConfig } from './config.ts';
import { ChatGateway } from './gateway.ts';
import { authenticate, enter } from './inbound/authenticate.ts';
import { CommandDelivery } from './commands/command-delivery.ts';
import { Heartbeat } from './inbound/heartbeat.ts';
import { leaveRoom } from './inbound/leave-room.ts';
import { markRead } from './inbound/mark-read.ts';
import { Routes } from './inbound/routes.ts';
import { createSaveUsername } from './inbound/save-username.ts';
import { SendMessage } from './inbound/send-message.ts';
import { StoredSends } from './inbound/stored-sends.ts';
import { acceptTyping } from './inbound/typing.ts';
import { createMessageLog } from './message-log.ts';
import { frameLimitsOf, MARKS_FETCH, presenceLimitsOf, wsMessageMaxBytes } from './limits.ts';
import { MembershipIndex } from './membership/membership-index.ts';
import { createKeptCommandsSource, createMembershipSource, loadMembers } from './membership/membership-source.ts';
import { createRemovals, type MemberRemoval } from './membership/removals.ts';
import { createGatewayMetrics } from './metrics.ts';
import { RoomNotifications } from './notifications/room-notifications.ts';
import { CommandMessagesConsumer } from './outbound/command-messages.ts';
import { MessageReceiptsConsumer } from './outbound/message-receipts.ts';
import { PersisterProgressConsumer } from './outbound/persister-progress.ts';
import { ReadMarksConsumer } from './outbound/read-marks-consumer.ts';
import { PresenceMessagesConsumer } from './outbound/presence-messages.ts';
import { RoomEventsConsumer } from './outbound/room-events.ts';
import { KnownPresence } from './presence/known-presence.ts';
import { createReadPresence } from './presence/read-presence.ts';
import { RoomPresence } from './presence/room-presence.ts';
import { ReceiptsTeller } from './receipts/receipts-teller.ts';
import { RoomWatch } from './presence/room-watch.ts';
import { SeenReports } from './presence/seen-reports.ts';
import { SessionAnnouncer } from './presence/session-announcer.ts';
import { SessionTabs } from './presence/session-tabs.ts';
import { WatchedRooms } from './presence/watched-rooms.ts';
import { rememberEpoch } from './reading/open-epoch.ts';
import { ReadMarks } from './reading/read-marks.ts';
import { Conversation } from './transport/conversation.ts';
import { answerPlainHttp, WebSocketEntry } from './transport/websocket-entry.ts';
import { RoomTyping } from './typing/room-typing.ts';

/** The gateway's parts and how they hang together; started in the order of the list at the end, stopped in reverse. */
export function createApp(config: GatewayConfig, context: AppContext): readonly Stage[] {
  const { logger, clock, instanceId, fail } = context;
  const source = `ws-gateway/${instanceId}`;

  const client = new KafkaClient({ ...config, clientId: instanceId, logger });
  const catalog = new TopicCatalog({ ...config, client, logger });
  const publisher = new OrderedPublisher({ client, catalog, logger });
  const database = openDatabase({ ...config, applicationName: instanceId, logger });
  const { instanceNumbers, memberships: membershipTable, users } = database.repositories;
  const redis = new RedisClient({ ...config, clientName: instanceId, logger });
  const lease = new GatewayLease({ redis, logger });
  const typingChannels = new TypingChannels({ ...config, redis, clientName: instanceId, logger });
  const messageIds = openMessageIds({ repository: instanceNumbers, clock, logger });
  const epochs = database.repositories.logEpochs;
  const topic = () => catalog.describe('chat-messages');
  context.health.add(catalog.check(), database.check(), logEpochCheck({ epochs, topic }));
  context.health.addOptional(redis.check());

  const sessions = new SessionRegistry<OpenSession>();
  const subscriptions = new SubscriptionRegistry();
  const memberships = new MembershipIndex(createMembershipSource(membershipTable));
  const watch = new RoomWatch();
  const metrics = createGatewayMetrics(context.metrics, () => sessions.count);
  const { resume: rows, messages, sentMessages, unread } = database.repositories;
  const publishReceipt = (receipt: ReceiptDTO) =>
    publisher.publish('message-receipts', receipt.roomId, receipt, { id: randomUUID(), source, time: receipt.at });
  const findEpoch = rememberEpoch(() => rows.findOpenEpoch());
  const announcing = {
    publish: (event: SessionEventDTO) =>
      publisher.publish('session-events', event.userId, event, { id: randomUUID(), source, time: event.at }),
    gatewayId: () => lease.gatewayId,
    clock,
    logger,
  };
  const announcer = new SessionAnnouncer(announcing);
  const tabs = new SessionTabs(announcer);
  const seenReports = new SeenReports({ tabs, ...announcing });
  lease.onLost(() => tabs.announceAll());
  const notifications = new RoomNotifications({
    ...{ memberships, tabs, findEpoch, metrics, logger },
    rows: unread,
    isStored: (roomId, offset) => log.mayHave(roomId, offset),
    now: () => performance.now(),
  });
  const receipts = new ReceiptsTeller({
    ...{ metrics, logger },
    rows: sentMessages,
    isStored: (roomId, offset) => log.mayHave(roomId, offset),
    now: () => performance.now(),
  });
  const log = createMessageLog({
    ...{
      config,
      client,
      catalog,
      rows,
      messages,
      findEpoch,
      publishReceipt,
      subscriptions,
      clock,
      metrics,
      fail,
      logger,
    },
    notifications,
    receipts,
    removed: (removal) => removed(removal),
  });
  context.health.add(log.storedLog.check());

  const known = new KnownPresence({
    watch,
    readPresence: createReadPresence(redis, lease),
    now: () => performance.now(),
  });
  lease.onLost(() => known.noteLost());
  lease.onAnswer((isAnswering) => known.noteAnswer(isAnswering));
  const presence = new RoomPresence({
    ...{ subscriptions, watch, known, metrics, ...presenceLimitsOf(config), now: () => performance.now() },
    rooms: new WatchedRooms({ watch, known, loadMembers: (roomId) => loadMembers(membershipTable, roomId) }),
  });

  const typing = new RoomTyping({ subscriptions, channels: typingChannels, metrics, now: () => performance.now() });
  typingChannels.onSignal((roomId, signal) => typing.heard(roomId, signal));

  const verifier = createTokenVerifier(config);
  const peekMembership = (roomId: RoomId, userId: UserId) => memberships.peek(roomId, userId);
  const findMembership = (roomId: RoomId, userId: UserId) => memberships.find(roomId, userId);
  const exited = (session: OpenSession, roomId: RoomId) => tabs.exited(session, roomId);
  const sendMessage = new SendMessage({
    peekMembership,
    findMembership,
    nextMessageId: () => messageIds.next(),
    keys: log.keys,
    targets: log.targets,
    known: log.known,
    stored: new StoredSends({ rows: sentMessages, storedMore: log.storedMore, now: () => clock.now() }),
    publish: (record) => publisher.publish('chat-messages', record.key, record.value, record.metadata),
    publishTogether: (records) => publisher.publishTogether('chat-messages', records),
    source,
    clock,
  });
  const whoMayType = {
    peekMembership,
    findMembership,
    isOpen: (session: OpenSession) => sessions.has(session),
    said: (session: OpenSession, roomId: RoomId, isTyping: boolean) => typing.said(session, roomId, isTyping),
  };
  const readMarks = new ReadMarks({ publish: publishReceipt, clock });
  const marking = {
    findMembership,
    findPosition: (roomId: RoomId, messageId: MessageId) => log.positions.find(roomId, messageId),
    publish: (roomId: RoomId, userId: UserId, position: LogPosition) => readMarks.publish(roomId, userId, position),
  };
  const saveUsername = createSaveUsername(users, clock);
  const quotas = new UserQuotas({
    maxSessions: config.maxSessionsPerUser,
    sends: { perSecond: config.maxSendsPerSecond, burst: config.maxSendBurst },
    now: () => clock.now(),
  });
  const commandDelivery = new CommandDelivery({
    ...{ subscriptions, sessions, clock, metrics, logger, kept: database.repositories.keptCommands },
    isMember: (roomId, userId) => peekMembership(roomId, userId) !== undefined,
    listKept: createKeptCommandsSource(database.repositories.keptCommands, clock),
  });
  const gateway = new ChatGateway({
    commands: commandDelivery,
    quotas,
    sessions,
    subscriptions,
    rooms: log.rooms,
    memberships,
    presence,
    tabs,
    typing,
    notifications,
    receipts,
    authenticate: (token) =>
      authenticate(token, {
        verify: (text) => verifier.verify(text),
        enter: (userId) => enter(userId, { quotas, memberships }),
        saveUsername,
        logger,
      }),
    routes: new Routes({
      sendMessage,
      heartbeat: new Heartbeat(clock),
      leaveRoom: (session, roomId) => leaveRoom(session, roomId, { findMembership, exited }),
      markRead: (session, request) => markRead(session, request, marking),
      acceptTyping: (session, request) => acceptTyping(session, request, whoMayType),
      typing,
    }),
  });

  const presenceMessages = new PresenceMessagesConsumer({ presence, logger });
  const commands = new CommandMessagesConsumer({ delivery: commandDelivery, logger });
  const withdrawn = createRemovals({ memberships, withdraw: gateway.withdrawFrom });
  const removed = (removal: MemberRemoval) => {
    withdrawn(removal);
    receipts.memberLeft(removal.roomId, removal.userId);
  };
  const roomEvents = new RoomEventsConsumer({
    ...{ memberships, watch, removed, logger },
    joined: (roomId, userId) => notifications.joined(roomId, userId),
  });

  const readMarksConsumer = new ReadMarksConsumer({ notifications, logger });
  const senders = new MessageReceiptsConsumer(receipts);
  const progress = new PersisterProgressConsumer({ stored: log.stored, logger });

  const eventReader = new LogReader({
    client,
    catalog,
    groupId: 'ws-gateway-events',
    topics: ['presence-messages', 'command-messages', 'room-events', 'persister-progress'],
    onBatch: (topic, _, records) => {
      if (topic === 'presence-messages') presenceMessages.consume(records);
      else if (topic === 'command-messages') commands.consume(records);
      else if (topic === 'room-events') roomEvents.consume(records);
      else progress.consume(records);
    },
    fail,
    logger,
  });

  /** A reader of its own, so that a storm of marks holds up nothing else; they come many at a time. */
  const marksReader = new LogReader({
    ...{ client, catalog, fail, logger },
    groupId: 'ws-gateway-marks',
    topics: ['message-receipts'],
    fetch: MARKS_FETCH,
    onBatch: (_, __, records) => {
      readMarksConsumer.consume(records);
      senders.consume(records);
    },
  });

  const ofAllSessions = { heartBeat: { sendMs: config.heartBeatMs, wantMs: config.heartBeatMs }, limits: config };
  const ofAllConversations = {
    ...{ gateway, metrics, logger, liveness: config, maxInFlightSends: config.maxInFlightSends },
    frameLimits: frameLimitsOf(config),
    now: () => clock.now(),
  };
  const publicListener = new HttpListener({
    name: 'public listener',
    host: config.host,
    port: config.port,
    handler: answerPlainHttp,
  });
  const entry = new WebSocketEntry({
    server: publicListener.server,
    connectionLimits: config,
    limits: { ...config, maxMessageBytes: wsMessageMaxBytes(config.maxFrameBytes) },
    createConversation: (link, about) =>
      new Conversation({ ...ofAllConversations, link, session: { ...about, ...ofAllSessions } }),
    metrics,
    logger,
  });

  return [
    context.internalListener(config.internalPort),
    [database, redis, catalog],
    publisher,
    [messageIds, lease],
    [announcer, typing, typingChannels, presence, notifications, seenReports, commandDelivery],
    log.storedLog,
    [log.receipts, receipts],
    [eventReader, log.reader, marksReader],
    publicListener,
    entry,
  ];
}
