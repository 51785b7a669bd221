import type { MessageRepository, ResumeRepository } from '@chat/database';
import type { RoomId } from '@chat/dto';
import type { Fail, KafkaClient, OrderedPublisher, TopicCatalog } from '@chat/kafka';
import { partitionOf } from '@chat/kafka-contracts';
import { ChatError, type Clock, type Logger, type Service } from '@chat/service-kit';
import pLimit from 'p-limit';
import { contentDigest, messageDigest } from './broker/content-digest.ts';
import { KnownMessages } from './broker/known-messages.ts';
import { RecentMessages } from './broker/recent-messages.ts';
import { RoomTails } from './broker/room-tails.ts';
import type { SubscriptionRegistry } from './broker/subscription-registry.ts';
import type { GatewayConfig } from './config.ts';
import { createFullFanIn } from './feed/full-fan-in.ts';
import { InterestFeed } from './feed/interest-feed.ts';
import type { RoomFeed } from './feed/room-feed.ts';
import { PendingSends } from './broker/pending-sends.ts';
import { ChangeTargets } from './inbound/change-targets.ts';
import { SendKeys, type KeyedSend } from './inbound/send-keys.ts';
import { LOOKUP_DEADLINE_MS, REPLAYS_WAITING_MAX, replayLimitsOf } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import { ChatMessagesConsumer, type ChatMessagesOptions } from './outbound/chat-messages.ts';
import { MessagePositions } from './reading/message-positions.ts';
import { DeliveryMarks } from './receipts/delivery-marks.ts';
import { ReceiptsPublisher, type ReceiptsPublisherOptions } from './receipts/receipts-publisher.ts';
import { HeldSubscriptions } from './replay/held-subscriptions.ts';
import { RoomReplay } from './replay/room-replay.ts';
import { RoomSubscriptions } from './replay/room-subscriptions.ts';
import { StoredLog } from './replay/stored-log.ts';
import { StoredPositions } from './replay/stored-positions.ts';

export interface MessageLogOptions {
  readonly config: GatewayConfig;
  readonly client: KafkaClient;
  readonly catalog: TopicCatalog;
  readonly publisher: OrderedPublisher;
  readonly rows: ResumeRepository;
  readonly messages: Pick<MessageRepository, 'findPosition'>;
  readonly notifications: ChatMessagesOptions['notifications'];
  readonly receipts: ChatMessagesOptions['receipts'];
  /** Number of the log that is open; 0 before the first. */
  readonly findEpoch: () => Promise<number>;
  readonly publishReceipt: ReceiptsPublisherOptions['publish'];
  readonly subscriptions: SubscriptionRegistry;
  readonly removed: ChatMessagesOptions['removed'];
  readonly stories: ChatMessagesOptions['stories'];
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly tracing: ChatMessagesOptions['tracing'];
  readonly fail: Fail;
  readonly logger: Logger;
}

export interface MessageLog {
  readonly feed: RoomFeed;
  /** Tells how far the subscriptions have come; stopped after the last of them. */
  readonly marks: Service;
  /** Started before the feed. */
  readonly storedLog: StoredLog;
  readonly rooms: RoomSubscriptions;
  readonly keys: SendKeys;
  readonly positions: MessagePositions;
  /** Whether a record of the room's log may be stored, as far as was told. */
  readonly mayHave: (roomId: RoomId, offset: number) => boolean;
  /** Whether it was told that the rows have all that counts of the room's log up to this offset. */
  readonly hasStored: (roomId: RoomId, offset: number) => boolean;
  readonly known: KnownMessages;
  readonly targets: ChangeTargets;
  /** Waits until more of the room's log is told to be stored, for so many ms at most. */
  readonly storedMore: (roomId: RoomId, maxMs: number) => Promise<void>;
  /** Told by `persister-progress`. */
  readonly stored: StoredPositions;
}

/** `chat-messages` as this instance reads it, and what follows from that: who is live, what repeats, what was missed. */
export function createMessageLog(options: MessageLogOptions): MessageLog {
  const {
    config,
    client,
    catalog,
    publisher,
    rows,
    messages,
    findEpoch,
    publishReceipt,
    subscriptions,
    removed,
    clock,
    metrics,
    fail,
    logger,
  } = options;
  const limits = replayLimitsOf(config);
  const recent = new RecentMessages(config.repeatWindow);
  const tails = new RoomTails(config.repeatWindow);
  const pending = new PendingSends();
  const known = new KnownMessages();
  const held = new HeldSubscriptions(limits.hold);
  const stored = new StoredPositions();
  const partitionCount = () => catalog.partitionCount('chat-messages');
  const partitionOfRoom = (roomId: RoomId) => partitionOf(String(roomId), partitionCount());

  const marks = new DeliveryMarks({
    findTail: (roomId) => tails.find(partitionOfRoom(roomId), roomId)?.offset,
    onPending: () => marksPublisher.wake(),
  });
  const marksPublisher: ReceiptsPublisher = new ReceiptsPublisher({
    ...{ marks, clock, metrics, logger },
    publish: publishReceipt,
    findEpoch,
    partitionOf: partitionOfRoom,
  });

  const consumer = new ChatMessagesConsumer({
    subscriptions,
    held,
    marks,
    notifications: options.notifications,
    receipts: options.receipts,
    recent,
    tails,
    pending,
    removed,
    known,
    partitionCount,
    clock,
    metrics,
    tracing: options.tracing,
    stories: options.stories,
    logger,
  });
  const { repeatWindow } = config;
  const keptBytes = { ofPartition: config.routerKeptBytesPerPartition, ofAll: config.routerKeptBytes };
  const feedOptions = { client, catalog, publisher, repeatWindow, keptBytes, sink: consumer, metrics, fail, logger };
  const feed = config.roomFeed === 'interest' ? new InterestFeed(feedOptions) : createFullFanIn(feedOptions);
  /** As the consumer counts, record by record, whether or not a record counts. */
  const readUpTo = (partition: number) => tails.nextOffset(partition) ?? feed.endAtStart(partition);

  /** Repeats are known from here on: not before reading began, though nothing but hidden records may have followed. */
  const rememberedFrom = (roomId: RoomId) =>
    Math.max(readUpTo(partitionOfRoom(roomId)) - repeatWindow, feed.coveredFrom(roomId));

  const rooms = new RoomSubscriptions({
    subscriptions,
    held,
    tails,
    marks,
    replay: new RoomReplay({
      rows,
      stored,
      inTurn: turnsOf(config.replayConcurrency),
      limits: limits.replay,
      now: () => clock.now(),
    }),
    partitionOf: partitionOfRoom,
    readUpTo,
    maxBacklogBytes: limits.maxBacklogBytes,
    now: () => clock.now(),
    metrics,
  });
  const keys = new SendKeys({
    findRecent: (key) => recent.find(partitionOfRoom(key.roomId), key),
    findStored: (key) => findStored(key, partitionOfRoom(key.roomId), rows),
    rememberedFrom,
    remembersAll: (roomId) => feed.remembersAll(roomId),
    isCovered: (roomId) => feed.coveredSince(roomId) !== Infinity,
    whenCovered: (roomId) => feed.whenCovered(roomId, LOOKUP_DEADLINE_MS),
    pending,
  });
  const positions = new MessagePositions({
    findSeen: (roomId, messageId) => {
      const partition = partitionOfRoom(roomId);
      const offset = recent.findOffset(partition, roomId, messageId);
      if (offset === undefined) return undefined;
      return { offset, isLive: offset >= feed.endAtStart(partition) };
    },
    findStored: (roomId, messageId) => messages.findPosition(roomId, messageId),
    findEpoch,
    partitionOf: partitionOfRoom,
    clock,
  });
  const storedMore = (roomId: RoomId, maxMs: number) => stored.waitForMore(partitionOfRoom(roomId), maxMs);
  const mayHave = (roomId: RoomId, offset: number) => stored.mayHold(partitionOfRoom(roomId), offset);
  const hasStored = (roomId: RoomId, offset: number) => stored.holds(partitionOfRoom(roomId), offset);
  const targets = new ChangeTargets({
    known,
    findStored: (roomId, messageId) => rows.findTarget(roomId, partitionOfRoom(roomId), messageId),
    readUpTo: (roomId) => readUpTo(partitionOfRoom(roomId)),
    clock,
  });
  const storedLog = new StoredLog({
    rows,
    endAtStart: (partition) => feed.endAtStart(partition),
  });
  return {
    feed,
    marks: marksPublisher,
    storedLog,
    rooms,
    keys,
    positions,
    known,
    targets,
    mayHave,
    hasStored,
    storedMore,
    stored,
  };
}

async function findStored({ roomId, senderId, clientMessageId }: KeyedSend, partition: number, rows: ResumeRepository) {
  const { message, storedUpTo } = await rows.findSend(roomId, partition, senderId, clientMessageId);
  if (message === null) return { first: null, storedUpTo };
  const { id, content, change } = message;
  const digest = content === null ? null : messageDigest(contentDigest(content), change); // of what was erased nobody knows
  return { first: { messageId: String(id), digest, isCertain: true }, storedUpTo };
}

/** So many at the same time, the others in the order of their coming; more than may wait are refused. */
function turnsOf(concurrency: number): <Value>(work: () => Promise<Value>) => Promise<Value> {
  const limit = pLimit(concurrency);
  return (work) =>
    limit.pendingCount >= REPLAYS_WAITING_MAX ? Promise.reject(new ChatError('OVERLOADED')) : limit(work);
}
