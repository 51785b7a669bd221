import { randomUUID } from 'node:crypto';
import { createClientAddress, createTokenVerifier, parseGatewayKeys, Revocations } from '@chat/auth';
import { openDatabase, openMessageIds } from '@chat/database';
import { KafkaClient, LogReader, OrderedPublisher, TopicCatalog } from '@chat/kafka';
import {
  GatewayAddresses,
  PresenceReader,
  RedisClient,
  shareCountsIn,
  SharedRates,
  SharedUsedProofs,
  UnsharedWatch,
} from '@chat/redis';
import { HttpListener, type AppContext, type Stage } from '@chat/service-kit';
import { createEureka } from '@chat/spring-cloud';
import type { CommandDTO } from '@chat/dto';
import { endSessionsOf, revokeAccess, takeRevocations } from './access/revoke-access.ts';
import type { RoomsApiConfig } from './config.ts';
import { HistoryMarks } from './history/history-marks.ts';
import { createAuthentication } from './http/caller.ts';
import { createInternalServer } from './http/internal-server.ts';
import { createPublicServer } from './http/public-server.ts';
import { traceRequests } from './http/trace-requests.ts';
import { UsedProofs } from './http/used-proofs.ts';
import { UsernameMemory } from './http/username-memory.ts';
import { readBuiltDocument } from './openapi/built-document.ts';
import { createRoomsMetrics } from './metrics.ts';
import { lookAtOutbox } from './outbox/look-at-outbox.ts';
import { OutboxRelay } from './outbox/outbox-relay.ts';
import { createAskGateways } from './stories/ask-gateways.ts';
import { RoomTurns } from './rooms/room-turns.ts';

/** The app's parts and how they hang together; started in the order of the list at the end, stopped in reverse. */
export function createApp(config: RoomsApiConfig, appContext: AppContext): readonly Stage[] {
  const { logger, clock, instanceId, health, tracing, fail } = appContext;
  const source = `rooms-api/${instanceId}`;

  const metrics = createRoomsMetrics(appContext.metrics);

  const client = new KafkaClient({ ...config, clientId: instanceId, logger });
  const catalog = new TopicCatalog({ ...config, client, logger });
  const publisher = new OrderedPublisher({ client, catalog, logger, observer: metrics.publishing });
  const database = openDatabase({ ...config, applicationName: instanceId, logger });
  const messageIds = openMessageIds({ repository: database.repositories.instanceNumbers, clock, logger });
  const redis = new RedisClient({ ...config, clientName: instanceId, logger });
  const presence = new PresenceReader({ redis });
  health.add(catalog.check(), database.check());
  health.addOptional(redis.check());

  const relay = new OutboxRelay({
    database,
    // both arms are the same but for their types: with the topic the compiler knows that of the value
    publish: (entry, metadata) =>
      entry.topic === 'room-events'
        ? publisher.publish(entry.topic, entry.value.roomId, entry.value, metadata)
        : publisher.publish(entry.topic, entry.value.roomId, entry.value, metadata),
    source,
    clock,
    logger,
  });
  const { revocations: storedRevocations } = database.repositories;
  const revocations = new Revocations({
    listStored: (...asked) => storedRevocations.listRevocations(...asked),
    toleranceMs: config.jwtClockToleranceSeconds * 1_000,
    ...{ clock, logger },
  });
  const commands = new LogReader({
    ...{ client, catalog, fail, logger, observer: metrics.consuming },
    groupId: 'rooms-api-commands',
    topics: ['command-messages'],
    onBatch: (_, __, records) => takeRevocations(records, revocations, clock),
  });
  metrics.watchOutbox(() => lookAtOutbox(database.repositories.outbox, logger));
  const usernames = new UsernameMemory({ users: database.repositories.users, clock, logger });
  revocations.onNews((revocation) => {
    if (revocation.kind === 'user') usernames.forget(revocation.userId);
  });
  const now = () => performance.now();
  const unshared = new UnsharedWatch({ metric: metrics.unshared, logger, now });
  const sharedProofs = new SharedUsedProofs({ redis });
  const authentication = createAuthentication(
    {
      verifier: createTokenVerifier(config, clock, revocations),
      gatewayKeys: parseGatewayKeys(config.gatewaySignatureKeys) ?? new Map(),
      usedProofs: new UsedProofs({
        share: unshared.over('proofs', (...used: Parameters<SharedUsedProofs['use']>) => sharedProofs.use(...used)),
      }),
      clock,
    },
    (caller) => void usernames.remember(caller),
  );

  const marks = new HistoryMarks({
    publish: (receipt) =>
      publisher.publish('message-receipts', receipt.roomId, receipt, { id: randomUUID(), source, time: receipt.at }),
    clock,
    logger,
  });
  const rooms = {
    ...{ database, clock, turns: new RoomTurns() },
    invitationLifeMs: config.invitationLifeMs,
    nextMessageId: () => messageIds.next(),
    onEvents: () => relay.wake(),
  };
  const rates = new SharedRates({ share: unshared.over('limits', shareCountsIn(redis)), now });
  const publicServer = createPublicServer({
    context: rooms,
    presence,
    marks,
    authentication,
    document: readBuiltDocument('openapi.json'),
    allowedOrigins: config.allowedOrigins,
    limits: {
      perAddress: rates.limit('rest-address', config.maxRequestsPerSecondPerIp),
      perUser: rates.limit('rest-user', config.maxRequestsPerSecondPerUser),
    },
    addressOf: createClientAddress(config.trustedProxies),
    metrics,
    logger,
  });
  const revoking = {
    publish: (command: CommandDTO) =>
      publisher.publish('command-messages', command.target, command, {
        ...{ id: randomUUID(), source, time: command.createdAt },
      }),
    ...{ revocations, stored: storedRevocations, clock, logger },
    instanceNumbers: database.repositories.instanceNumbers,
  };
  const internalServer = createInternalServer({
    ...{ stored: database.repositories, presence, metrics, logger },
    stories: {
      rows: database.repositories.messageStories,
      askGateways: createAskGateways(new GatewayAddresses({ redis })),
    },
    revoke: (request) => revokeAccess(request, revoking),
    erasure: {
      ...rooms,
      endSessions: (userId) => endSessionsOf(userId, revoking),
      listLogEnds: () => catalog.listEnds('chat-messages'),
      logger,
    },
    document: readBuiltDocument('openapi-internal.json'),
  });
  const publicListener = new HttpListener({
    name: 'public listener',
    host: config.host,
    port: config.port,
    handler: traceRequests(tracing, publicServer),
  });
  const internalListener = appContext.internalListener(config.internalPort, traceRequests(tracing, internalServer));
  const eureka = createEureka({
    ...{ config, internalListener, version: appContext.version, logger, hasFailed: appContext.hasFailed },
    listener: publicListener,
    metadata: { protocol: 'http', path: '/api/v1/chat' },
  });
  health.addOptional(...eureka.checks);

  return [
    internalListener,
    eureka.lease,
    [database, redis, catalog],
    [messageIds, publisher, rates],
    commands,
    revocations,
    relay,
    publicListener,
    eureka.announcement,
  ];
}
