import { randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { createTokenVerifier, Revocations } from '@chat/auth';
import { logEpochCheck, openDatabase, openMessageIds } from '@chat/database';
import type { CommandDTO, ReceiptDTO, RoomId, SessionEventDTO } from '@chat/dto';
import { KafkaClient, OrderedPublisher, TopicCatalog } from '@chat/kafka';
import {
  GatewayAddresses,
  GatewayLease,
  RedisClient,
  shareCountsIn,
  SharedRates,
  TypingChannels,
  UnsharedWatch,
} from '@chat/redis';
import type { AppContext, Stage } from '@chat/service-kit';
import { createEureka, ownHost } from '@chat/spring-cloud';
import type { OpenSession } from './broker/gateway.ts';
import { SessionRegistry } from './broker/session-registry.ts';
import { SubscriptionRegistry } from './broker/subscription-registry.ts';
import { messageRateOf, UserQuotas } from './broker/user-quotas.ts';
import { createClientRoutes } from './client-routes.ts';
import { CommandDelivery } from './commands/command-delivery.ts';
import { createKeptCommandsSource } from './commands/kept-commands-source.ts';
import { SessionRevoker } from './commands/session-revoker.ts';
import type { GatewayConfig } from './config.ts';
import { createEventReaders } from './event-readers.ts';
import { ChatGateway } from './gateway.ts';
import { createAuthenticate } from './inbound/authenticate.ts';
import { createSaveUsername } from './inbound/save-username.ts';
import { AddedMembers } from './membership/added-members.ts';
import { CoveredRooms } from './membership/covered-rooms.ts';
import { MembershipIndex } from './membership/membership-index.ts';
import { createMembershipSource } from './membership/membership-source.ts';
import { createRemovals, type MemberRemoval } from './membership/removals.ts';
import { createMessageLog } from './message-log.ts';
import { createGatewayMetrics } from './metrics.ts';
import { RoomNotifications } from './notifications/room-notifications.ts';
import { CommandMessagesConsumer } from './outbound/command-messages.ts';
import { MessageReceiptsConsumer } from './outbound/message-receipts.ts';
import { PersisterProgressConsumer } from './outbound/persister-progress.ts';
import { PresenceMessagesConsumer } from './outbound/presence-messages.ts';
import { RoomEventsConsumer } from './outbound/room-events.ts';
import { createPublicEntry } from './public-entry.ts';
import { OpenEpoch } from './reading/open-epoch.ts';
import { ReceiptsTeller } from './receipts/receipts-teller.ts';
import { createSessionPresence } from './session-presence.ts';
import { addressOf, AnnouncedAddress } from './stories/announced-address.ts';
import { MessageStories } from './stories/message-stories.ts';
import { storyRoute } from './stories/story-route.ts';
import { RoomTyping } from './typing/room-typing.ts';

/** The gateway's parts and how they hang together; started in the order of the list at the end, stopped in reverse. */
export function createApp(config: GatewayConfig, context: AppContext): readonly Stage[] {
  const { logger, clock, instanceId, tracing, fail } = context;
  const source = `ws-gateway/${instanceId}`;
  const now = () => performance.now();

  const sessions = new SessionRegistry<OpenSession>();
  const stories = new MessageStories({ instanceId, max: config.messageStories, clock });
  const metrics = createGatewayMetrics(context.metrics, () => sessions.count);

  const client = new KafkaClient({ ...config, clientId: instanceId, logger });
  const privateTopics = config.roomFeed === 'interest' ? (['room-feed'] as const) : [];
  const catalog = new TopicCatalog({ ...config, client, privateTopics, logger });
  const publisher = new OrderedPublisher({ client, catalog, logger, observer: metrics.publishing });
  const database = openDatabase({ ...config, applicationName: instanceId, logger });
  const { repositories } = database;
  const redis = new RedisClient({ ...config, clientName: instanceId, logger });
  const lease = new GatewayLease({ redis, logger });
  const typingChannels = new TypingChannels({ ...config, redis, clientName: instanceId, logger });
  const messageIds = openMessageIds({ repository: repositories.instanceNumbers, clock, logger });
  const topic = () => catalog.describe('chat-messages');
  context.health.add(catalog.check(), database.check(), logEpochCheck({ epochs: repositories.logEpochs, topic }));
  context.health.addOptional(redis.check());
  const publishReceipt = (receipt: ReceiptDTO) =>
    publisher.publish('message-receipts', receipt.roomId, receipt, { id: randomUUID(), source, time: receipt.at });
  const publishSessionEvent = (event: SessionEventDTO) =>
    publisher.publish('session-events', event.userId, event, { id: randomUUID(), source, time: event.at });

  const publishCommand = (command: CommandDTO) =>
    publisher.publish('command-messages', command.target, command, {
      ...{ id: randomUUID(), source, time: command.createdAt },
    });

  const subscriptions = new SubscriptionRegistry();
  const memberships = new MembershipIndex(createMembershipSource(repositories.memberships), {
    hold: (roomId) => log.feed.hold(roomId),
    release: (roomId) => log.feed.release(roomId),
  });
  const { watch, tabs, presence, services } = createSessionPresence({
    ...{ config, redis, lease, subscriptions, clock, metrics, logger },
    memberships: repositories.memberships,
    publish: publishSessionEvent,
  });
  const typing = new RoomTyping({ subscriptions, channels: typingChannels, metrics, now });
  typingChannels.onSignal((roomId, signal) => typing.heard(roomId, signal));

  const epoch = new OpenEpoch({ told: () => log.stored.epoch, ask: () => repositories.resume.findOpenEpoch() });
  const findEpoch = () => epoch.find();
  const isStored = (roomId: RoomId, offset: number) => log.mayHave(roomId, offset);
  const hasStored = (roomId: RoomId, offset: number) => log.hasStored(roomId, offset);
  const notifications = new RoomNotifications({
    ...{ memberships, tabs, findEpoch, isStored, hasStored, metrics, logger, now },
    rows: repositories.unread,
  });
  const receipts = new ReceiptsTeller({
    ...{ rows: repositories.sentMessages, metrics, logger, now },
    hints: { mayHave: isStored, hasStored },
  });
  const log = createMessageLog({
    ...{ config, client, catalog, publisher, findEpoch, publishReceipt, subscriptions, clock, metrics, tracing, fail },
    logger,
    ...{ notifications, receipts, rows: repositories.resume, messages: repositories.messages, stories },
    removed: (removal) => removed(removal),
  });
  context.health.add(log.storedLog.check(), ...log.feed.checks);

  const commands = new CommandDelivery({
    ...{ subscriptions, sessions, clock, metrics, logger, kept: repositories.keptCommands },
    isMember: (roomId, userId) => memberships.peek(roomId, userId) !== undefined,
    listKept: createKeptCommandsSource(repositories.keptCommands, clock),
  });
  const revocations = new Revocations({
    listStored: (...asked) => repositories.revocations.listRevocations(...asked),
    toleranceMs: config.jwtClockToleranceSeconds * 1_000,
    ...{ clock, logger },
  });
  const revoker = new SessionRevoker({ sessions, revocations, publish: publishCommand, clock, logger });
  revocations.onNews(revoker.revoke);
  const verifier = createTokenVerifier(config, clock, revocations);
  const saveUsername = createSaveUsername({ users: repositories.users, clock, logger });
  const unshared = new UnsharedWatch({ metric: metrics.unshared, logger, now });
  const rates = new SharedRates({ share: unshared.over('limits', shareCountsIn(redis)), now });
  const sends = { perSecond: config.maxSendsPerSecond, burst: config.maxSendBurst };
  const quotas = new UserQuotas({
    maxSessions: config.maxSessionsPerUser,
    sends,
    messages: rates.limit('user-sends', messageRateOf(sends)),
    now: () => clock.now(),
  });
  const gateway = new ChatGateway({
    ...{ sessions, subscriptions, memberships, quotas, tabs, presence, typing, notifications, receipts, commands },
    stories,
    rooms: log.rooms,
    covered: new CoveredRooms({ memberships, feed: log.feed, now }),
    authenticate: createAuthenticate({ verifier, quotas, memberships, saveUsername }),
    revocations,
    metrics,
    routes: createClientRoutes({
      ...{ sessions, memberships, receipts, tabs, typing, log, source, clock, metrics, tracing },
      ...{ verifier, saveUsername, publisher, publishReceipt },
      renewed: revoker.renewed,
      sentMessages: repositories.sentMessages,
      roomRate: rates.limit('room-sends', config.maxSendsPerSecondPerRoom),
      nextMessageId: () => messageIds.next(),
    }),
  });

  const withdrawn = createRemovals({ memberships, withdraw: gateway.withdrawFrom });
  const removed = (removal: MemberRemoval) => {
    withdrawn(removal);
    receipts.memberLeft(removal.roomId, removal.userId);
  };
  const addedMembers = new AddedMembers({
    ...{ memberships, logger },
    joined: (roomId, userId) => notifications.joined(roomId, userId),
  });
  const eventReaders = createEventReaders({
    ...{ client, catalog, metrics, fail, logger },
    presenceMessages: new PresenceMessagesConsumer({ presence, logger }),
    commandMessages: new CommandMessagesConsumer({
      ...{ delivery: commands, clock, logger },
      revoke: (revocation) => revocations.take(revocation),
    }),
    roomEvents: new RoomEventsConsumer({
      ...{ memberships, watch, removed, logger },
      added: (roomId, userId) => addedMembers.note(roomId, userId),
    }),
    persisterProgress: new PersisterProgressConsumer({ stored: log.stored, logger }),
    messageReceipts: new MessageReceiptsConsumer({ teller: receipts, notifications, logger }),
  });

  const internalListener = context.internalListener(config.internalPort, storyRoute(stories));
  const host = ownHost(config.internalHost, config.host, networkInterfaces());
  const announced = new AnnouncedAddress({
    ...{ addresses: new GatewayAddresses({ redis }), lease, logger },
    address: () => addressOf(instanceId, host, internalListener.port),
  });
  const entry = createPublicEntry({ config, gateway, rates, clock, metrics, logger });
  const eureka = createEureka({
    ...{ config, internalListener, version: context.version, logger, hasFailed: context.hasFailed },
    listener: entry.listener,
    metadata: { protocol: 'websocket', path: '/ws' },
  });
  context.health.addOptional(...eureka.checks);

  return [
    internalListener,
    eureka.lease,
    [database, redis, catalog],
    publisher,
    [messageIds, lease, rates, announced],
    [...services, typing, typingChannels, notifications, addedMembers, commands],
    [log.storedLog, epoch],
    [log.marks, receipts],
    [...eventReaders, log.feed],
    revocations,
    entry.listener,
    entry.webSockets,
    eureka.announcement,
  ];
}
