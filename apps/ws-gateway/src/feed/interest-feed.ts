import { randomInt, randomUUID } from 'node:crypto';
import type { RoomId } from '@chat/dto';
import {
  findLogRanges,
  LogReader,
  type Fail,
  type KafkaClient,
  type OrderedPublisher,
  type TopicCatalog,
} from '@chat/kafka';
import { withDeadline, type HealthCheck, type Logger } from '@chat/service-kit';
import { FEED_LIMITS } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { AttachmentParts } from './attachment-parts.ts';
import { FeedInbox } from './feed-inbox.ts';
import { decodeMail, encodeMail, type FeedMail, type Mailbox, type RoutingRequest } from './feed-mail.ts';
import { FeedRouter } from './feed-router.ts';
import type { KeptBytes } from './router-share.ts';
import type { FeedSink, RoomFeed } from './room-feed.ts';

export interface InterestFeedOptions {
  readonly client: KafkaClient;
  readonly catalog: TopicCatalog;
  readonly publisher: Pick<OrderedPublisher, 'publishBytes'>;
  readonly repeatWindow: number;
  readonly keptBytes: KeptBytes;
  readonly sink: FeedSink;
  readonly metrics: Pick<GatewayMetrics, 'feedRecords' | 'watchFeed' | 'consuming'>;
  readonly fail: Fail;
  readonly logger: Logger;
}

const MESSAGES = 'chat-messages';
const MAIL = 'room-feed';
/** Partition of `room-feed` that all read. */
const FOR_ALL = 0;

/**
 * The rooms that this instance holds, sent by those who route the partitions; it is one of them itself
 * (docs/decisions/0010). What it costs follows the traffic of its rooms, and its share of what is routed.
 */
export class InterestFeed implements RoomFeed {
  readonly name = 'feed of held rooms';
  readonly #options: InterestFeedOptions;
  #started: { readonly self: Mailbox; readonly inbox: FeedInbox; readonly router: FeedRouter } | null = null;
  #reader: LogReader | null = null;
  #timer: NodeJS.Timeout | undefined;
  readonly #parts = new AttachmentParts();
  #isFlushing = false;
  #hasUnreadable = false;

  constructor(options: InterestFeedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { client, catalog, publisher, repeatWindow, keptBytes, sink, metrics, fail, logger } = this.#options;
    const self = { id: randomUUID(), slot: randomInt(1, catalog.partitionCount(MAIL)) };
    const send = (slot: number, mail: Uint8Array) => publisher.publishBytes(MAIL, slot, mail);
    const inbox = new FeedInbox({
      ...{ self, ranges: await findLogRanges(client, MESSAGES), repeatWindow, sink, fail, logger },
      send: (slot, mail) => send(slot, encodeMail(mail)),
      flushSoon: () => this.#flushSoon(),
      received: (count) => metrics.feedRecords.inc({ step: 'received' }, count),
      now: () => performance.now(),
      deafElsewhereMs: FEED_LIMITS.deafElsewhereMs + randomInt(FEED_LIMITS.deafSpreadMs),
    });
    metrics.watchFeed(() => inbox.silence.ms);
    const router = new FeedRouter({
      ...{ client, repeatWindow, keptBytes, self, send, metrics, fail, logger },
      partitionCount: () => catalog.partitionCount(MESSAGES),
    });
    this.#started = { self, inbox, router };
    this.#reader = new LogReader({
      ...{ client, catalog, fail, logger },
      groupId: 'ws-gateway-feed',
      topics: [MAIL],
      observer: {
        ...metrics.consuming,
        lags: (topic, offsets) => {
          metrics.consuming.lags(topic, offsets);
          inbox.brokersAnswered(); // its watchdog has asked them
        },
      },
      partitions: [FOR_ALL, self.slot],
      onBatch: async (_, __, records) => {
        for (const { value } of records) await this.#receive(decodeMail(value));
      },
    });
    await this.#reader.start();
    await router.start();
    this.#timer = setInterval(() => inbox.tick(), FEED_LIMITS.tickMs);
    await withDeadline(inbox.inForce, FEED_LIMITS.startMs, 'finding who routes each partition');
  }

  readonly checks: readonly HealthCheck[] = [
    {
      name: 'feed',
      check: () => {
        const { partition, ms } = this.#inbox.silence;
        if (ms > FEED_LIMITS.deafMs) throw new Error(`chat-messages/${partition} has not come here for ${ms} ms`);
      },
    },
  ];

  /** At the same time: each may need all of its time where Kafka does not answer. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#started?.router.stop(), this.#reader?.stop()]);
  }

  hold(roomId: RoomId): void {
    this.#inbox.hold(roomId);
  }

  release(roomId: RoomId): void {
    this.#inbox.release(roomId);
  }

  coveredFrom(roomId: RoomId): number {
    return this.#inbox.coveredFrom(roomId);
  }

  coveredSince(roomId: RoomId): number {
    return this.#inbox.coveredSince(roomId);
  }

  whenCovered(roomId: RoomId, maxMs: number): Promise<void> | null {
    return this.#inbox.whenCovered(roomId, maxMs);
  }

  remembersAll(roomId: RoomId): boolean {
    return this.#inbox.remembersAll(roomId);
  }

  endAtStart(partition: number): number {
    return this.#inbox.endAtStart(partition);
  }

  get #inbox(): FeedInbox {
    if (this.#started === null) throw new RangeError(`${this.name} has not started`);
    return this.#started.inbox;
  }

  async #receive(mail: FeedMail | null): Promise<void> {
    if (this.#started === null) return;
    const { self, inbox, router } = this.#started;
    if (mail === null) return this.#noteUnreadable();
    switch (mail.kind) {
      case 'stretch':
        if (mail.holder === self.id) await inbox.take(mail.partition, mail.stretch);
        break;
      case 'attachment':
      case 'change':
        if (mail.router === self.id) this.#tell(router, mail);
        break;
      case 'routing':
        for (const [partition, since] of mail.partitions)
          inbox.learn(partition, { ...mail.router, reads: mail.reads, since });
        for (const partition of mail.readingBack) inbox.learnReadingBack(partition);
        break;
    }
  }

  #tell(router: FeedRouter, mail: RoutingRequest): void {
    const whole = this.#parts.take(mail);
    if (whole !== null) router.take(whole);
  }

  /** Once: instances of another version may write much of it. */
  #noteUnreadable(): void {
    if (this.#hasUnreadable) return;
    this.#hasUnreadable = true;
    this.#options.logger.warn('room-feed has mail that this version does not read; it is left alone');
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setTimeout(() => {
      this.#isFlushing = false;
      this.#inbox.flush();
    }, FEED_LIMITS.gatherMs);
  }
}
