import { randomInt, randomUUID } from 'node:crypto';
import type { RoomId } from '@chat/dto';
import {
  findLogRanges,
  LogReader,
  type Fail,
  type KafkaClient,
  type LogRange,
  type OrderedPublisher,
  type TopicCatalog,
} from '@chat/kafka';
import { partitionOf } from '@chat/kafka-contracts';
import { ChatError, withDeadline, type Logger } from '@chat/service-kit';
import { FEED_LIMITS } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { decodeMail, encodeMail, type FeedMail, type Mailbox } from './feed-mail.ts';
import { FeedRouter } from './feed-router.ts';
import { FeedStream } from './feed-stream.ts';
import { RoomHolds } from './room-holds.ts';
import type { FeedSink, RoomFeed } from './room-feed.ts';
import type { InterestChange, JudgedRecord, Stretch } from './stretch.ts';

export interface InterestFeedOptions {
  readonly client: KafkaClient;
  readonly catalog: TopicCatalog;
  readonly publisher: Pick<OrderedPublisher, 'publishBytes'>;
  readonly repeatWindow: number;
  readonly keptBytes: number;
  readonly sink: FeedSink;
  readonly metrics: Pick<GatewayMetrics, 'feedRecords' | 'consuming'>;
  readonly fail: Fail;
  readonly logger: Logger;
}

/** Who routes a partition, as far as was told. */
interface KnownRouter extends Mailbox {
  readonly since: number;
  heardAt: number;
}

/** A partition of `chat-messages` as it comes here. */
interface Arm {
  readonly partition: number;
  readonly stream: FeedStream<JudgedRecord>;
  readonly range: LogRange;
  router: KnownRouter | null;
  /** When something was asked of the router last, and heard of it. */
  askedAt: number;
  heardAt: number;
  readonly added: Set<RoomId>;
  readonly removed: Set<RoomId>;
}

interface Waiter {
  readonly covered: Promise<void>;
  readonly resolve: () => void;
}

const [MESSAGES, MAIL] = ['chat-messages', 'room-feed'] as const;
/** Partition of `room-feed` that all read. */
const FOR_ALL = 0;

/**
 * The rooms that this instance holds, sent by those who route the partitions; it is one of them itself
 * (docs/decisions/0010). What it costs follows the traffic of its rooms, and its share of what is routed.
 */
export class InterestFeed implements RoomFeed {
  readonly name = 'feed of held rooms';
  readonly #options: InterestFeedOptions;
  readonly #holds = new RoomHolds(FEED_LIMITS.lingerMs);
  readonly #arms = new Map<number, Arm>();
  readonly #coveredSince = new Map<RoomId, number>();
  readonly #waiters = new Map<RoomId, Waiter>();
  readonly #inForce = Promise.withResolvers<void>();
  #isInForce = false;
  #self: Mailbox | null = null;
  #reader: LogReader | null = null;
  #router: FeedRouter | null = null;
  #timer: NodeJS.Timeout | undefined;
  #renewedAt = 0;
  #isFlushing = false;

  constructor(options: InterestFeedOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { client, catalog, publisher, repeatWindow, keptBytes, metrics, fail, logger } = this.#options;
    for (const [partition, range] of await findLogRanges(client, MESSAGES))
      this.#arms.set(partition, armOf(partition, range));
    const self = { id: randomUUID(), slot: randomInt(1, catalog.partitionCount(MAIL)) };
    this.#self = self;
    this.#router = new FeedRouter({
      ...{ client, repeatWindow, keptBytes, self, metrics, fail, logger },
      partitionCount: () => catalog.partitionCount(MESSAGES),
      send: (slot, mail) => publisher.publishBytes(MAIL, slot, mail),
    });
    this.#reader = new LogReader({
      ...{ client, catalog, fail, logger },
      groupId: 'ws-gateway-feed',
      topics: [MAIL],
      observer: metrics.consuming,
      partitions: [FOR_ALL, self.slot],
      onBatch: async (_, __, records) => {
        for (const { value } of records) await this.#receive(decodeMail(value));
      },
    });
    await this.#reader.start();
    await this.#router.start();
    this.#timer = setInterval(() => this.#tick(performance.now()), FEED_LIMITS.tickMs);
    await withDeadline(this.#inForce.promise, FEED_LIMITS.startMs, 'finding who routes each partition');
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#router?.stop();
    await this.#reader?.stop();
  }

  hold(roomId: RoomId): void {
    if (!this.#holds.hold(roomId)) return;
    const arm = this.#armOf(roomId);
    if (!arm.removed.delete(roomId)) arm.added.add(roomId);
    this.#flushSoon();
  }

  release(roomId: RoomId): void {
    this.#holds.release(roomId, performance.now());
  }

  coveredFrom(roomId: RoomId): number {
    return this.#armOf(roomId).stream.coveredFrom(roomId) ?? Infinity;
  }

  coveredSince(roomId: RoomId): number {
    return this.#coveredSince.get(roomId) ?? Infinity;
  }

  whenCovered(roomId: RoomId, maxMs: number): Promise<void> | null {
    if (this.#coveredSince.has(roomId)) return null;
    const waiter = this.#waiters.get(roomId) ?? waiterOf();
    this.#waiters.set(roomId, waiter);
    return withDeadline(waiter.covered, maxMs, 'having the room sent here').catch((error: unknown) => {
      throw new ChatError('UNAVAILABLE', {
        message: 'The room does not come to this instance yet; try again shortly.',
        cause: error,
      });
    });
  }

  remembersAll(roomId: RoomId): boolean {
    const { stream, range } = this.#armOf(roomId);
    const { repeatWindow } = this.#options;
    return this.coveredFrom(roomId) <= Math.max(range.start, stream.next - repeatWindow);
  }

  endAtStart(partition: number): number {
    const arm = this.#arms.get(partition);
    if (arm === undefined)
      throw new RangeError(`chat-messages has no partition ${partition}, or ${this.name} has not started`);
    return arm.range.end;
  }

  #armOf(roomId: RoomId): Arm {
    const arm = this.#arms.get(partitionOf(String(roomId), this.#arms.size));
    if (arm === undefined) throw new RangeError(`${this.name} has not started`);
    return arm;
  }

  async #receive(mail: FeedMail | null): Promise<void> {
    if (mail === null) return this.#options.logger.warn('a record of room-feed is none of this version');
    switch (mail.kind) {
      case 'stretch':
        if (mail.holder === this.#self?.id) await this.#take(mail.partition, mail.stretch);
        break;
      case 'attachment':
      case 'change':
        if (mail.router === this.#self?.id) this.#router?.take(mail);
        break;
      case 'routing':
        for (const [partition, since] of mail.partitions) this.#learn(partition, { ...mail.router, since });
        break;
    }
  }

  async #take(partition: number, stretch: Stretch<JudgedRecord>): Promise<void> {
    const arm = this.#arms.get(partition);
    const taken = arm?.stream.take(stretch);
    if (arm === undefined || taken === undefined || taken.kind === 'stale') return;
    if (taken.kind === 'gap') return this.#attach(arm, performance.now());
    if (taken.kind === 'lost') {
      const { fail } = this.#options;
      return fail(`chat-messages/${partition} cannot be had from ${arm.stream.next} on, only from ${stretch.from}`);
    }
    arm.heardAt = performance.now();
    this.#options.metrics.feedRecords.inc({ step: 'received' }, taken.records.length);
    await this.#options.sink.consumeJudged(partition, taken.records, stretch.to);
    for (const roomId of taken.settled) this.#settle(roomId);
    this.#noteInForce();
  }

  #noteInForce(): void {
    if (this.#isInForce) return;
    this.#isInForce = [...this.#arms.values()].every(({ stream }) => stream.hasBeenInForce);
    if (this.#isInForce) this.#inForce.resolve();
  }

  #settle(roomId: RoomId): void {
    this.#coveredSince.set(roomId, performance.now());
    this.#waiters.get(roomId)?.resolve();
    this.#waiters.delete(roomId);
  }

  /** Somebody says that he routes a partition: whoever took it over last is right, unless nothing is heard of him. */
  #learn(partition: number, router: Mailbox & { readonly since: number }): void {
    const arm = this.#arms.get(partition);
    if (arm === undefined) return;
    const now = performance.now();
    const known = arm.router;
    if (known?.id === router.id && known.since === router.since) return void (known.heardAt = now);
    const isNewer = known === null || router.since > known.since || now > known.heardAt + FEED_LIMITS.silenceMs;
    if (!isNewer) return;
    arm.router = { ...router, heardAt: now };
    this.#attach(arm, now);
  }

  #attach(arm: Arm, now: number): void {
    const { router, partition } = arm;
    if (router === null || this.#self === null) return;
    this.#applyChanges(arm);
    arm.askedAt = now;
    arm.heardAt = now;
    const attachment = arm.stream.attach();
    this.#send(router, { kind: 'attachment', router: router.id, holder: this.#self, partition, attachment });
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setTimeout(() => this.#flush(), FEED_LIMITS.gatherMs);
  }

  #flush(): void {
    this.#isFlushing = false;
    for (const arm of this.#arms.values()) {
      const change = this.#applyChanges(arm);
      if (change !== null) this.#tell(arm, change);
    }
  }

  /** Takes what is held now into the stream; what is to be told of it. */
  #applyChanges(arm: Arm): InterestChange | null {
    const change = arm.stream.change([...arm.added], [...arm.removed]);
    for (const roomId of arm.removed) {
      this.#coveredSince.delete(roomId);
      this.#waiters.delete(roomId);
      this.#options.sink.forget(arm.partition, roomId);
    }
    arm.added.clear();
    arm.removed.clear();
    return change;
  }

  #tell({ router, partition }: Arm, change: InterestChange): void {
    if (router === null || this.#self === null) return;
    this.#send(router, { kind: 'change', router: router.id, holder: this.#self, partition, change });
  }

  /** What does not arrive is made up for by attaching anew. */
  #send({ slot }: Mailbox, mail: FeedMail): void {
    this.#options.publisher.publishBytes(MAIL, slot, encodeMail(mail)).catch((error: unknown) => {
      this.#options.logger.debug({ err: error }, 'a router could not be told');
    });
  }

  #tick(now: number): void {
    for (const roomId of this.#holds.takeIdle(now)) {
      const arm = this.#armOf(roomId);
      if (!arm.added.delete(roomId)) arm.removed.add(roomId);
    }
    this.#flush();
    const isToRenew = now >= this.#renewedAt + FEED_LIMITS.renewMs;
    if (isToRenew) this.#renewedAt = now;
    for (const arm of this.#arms.values()) {
      const isUnanswered = !arm.stream.isInForce && now > arm.askedAt + FEED_LIMITS.answerMs;
      if (isUnanswered || now > arm.heardAt + FEED_LIMITS.silenceMs) this.#attach(arm, now);
      else if (isToRenew) this.#tell(arm, arm.stream.renew());
    }
  }
}

function armOf(partition: number, range: LogRange): Arm {
  return {
    ...{ partition, range, stream: new FeedStream<JudgedRecord>(range.end), router: null },
    ...{ askedAt: -Infinity, heardAt: -Infinity, added: new Set<RoomId>(), removed: new Set<RoomId>() },
  };
}

function waiterOf(): Waiter {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { covered: promise, resolve };
}
