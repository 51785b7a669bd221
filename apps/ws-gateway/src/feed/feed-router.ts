import { GroupConsumer, type Fail, type GroupBatch, type KafkaClient, type LogRange } from '@chat/kafka';
import type { Logger, Service } from '@chat/service-kit';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FEED_LIMITS } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import {
  FEED_FORMATS,
  encodeMail,
  mailBytesOf,
  writeRecords,
  type Mailbox,
  type RoutingRequest,
  type WrittenRecord,
} from './feed-mail.ts';
import { PartitionRouter, type Parcel } from './partition-router.ts';
import { RecordJudge } from './record-judge.ts';
import { shareOf, type KeptBytes } from './router-share.ts';
import { splitStretch, type JudgedRecord } from './stretch.ts';

export interface FeedRouterOptions {
  readonly client: KafkaClient;
  readonly partitionCount: () => number;
  readonly repeatWindow: number;
  /** For who comes from another router. */
  readonly keptBytes: KeptBytes;
  readonly self: Mailbox;
  /** Resolves once the mail is in the mailbox's partition, behind what was sent there before. */
  readonly send: (slot: number, mail: Uint8Array) => Promise<void>;
  readonly metrics: Pick<GatewayMetrics, 'feedRecords' | 'consuming'>;
  readonly fail: Fail;
  readonly logger: Logger;
}

/** A partition that this instance routes, or has routed until now. */
interface Place {
  readonly judge: RecordJudge;
  readonly router: PartitionRouter<WrittenRecord>;
  /** Since when, in Unix ms. */
  since: number;
  /** The offset that is read next. */
  next: number;
  /** The offset behind the last record that was read; 0 before the first. */
  barrier: number;
  /** The log's end when it was taken over: from there on it is routed. */
  readBackTo: number;
  /** Of those that it knows: where their mail goes, and when they were heard of last. */
  readonly holders: Map<string, { readonly slot: number; heardAt: number }>;
}

const TOPIC = 'chat-messages';

/**
 * Routes the partitions that the group of all instances gives to this one: judges their records once for all, and sends each
 * instance those of the rooms that it holds. Nothing is committed: who takes a partition over reads back what verdicts need,
 * and keeps of that what the others may not have been sent by the one before.
 */
export class FeedRouter implements Service {
  readonly name = 'feed router';
  readonly #options: FeedRouterOptions;
  readonly #consumer: GroupConsumer;
  readonly #places = new Map<number, Place>();
  #owned: readonly number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #announceTimer: NodeJS.Timeout | undefined;

  constructor(options: FeedRouterOptions) {
    this.#options = options;
    this.#consumer = new GroupConsumer({
      client: options.client,
      groupId: 'ws-gateway-router',
      topic: TOPIC,
      startAt: (partition, range) => Promise.resolve(this.#startAt(partition, range)),
      onAssigned: (partitions) => this.#own(partitions),
      onRevoked: () => void (this.#owned = []),
      onBatch: (batch) => this.#route(batch),
      onHidden: (partition, nextOffset) => this.#pass(partition, nextOffset),
      observer: options.metrics.consuming,
      fail: options.fail,
      logger: options.logger,
    });
  }

  async start(): Promise<void> {
    await this.#consumer.start();
    this.#timer = setInterval(() => this.#tick(), FEED_LIMITS.progressMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#announceTimer);
    this.#announceTimer = undefined;
    await this.#consumer.stop();
  }

  /** An instance tells what it holds. */
  take({ holder, partition, ...mail }: RoutingRequest): void {
    const place = this.#places.get(partition);
    if (place === undefined || !this.#owned.includes(partition)) return;
    place.holders.set(holder.id, { slot: holder.slot, heardAt: performance.now() });
    const parcels =
      mail.kind === 'attachment'
        ? place.router.attach(holder.id, mail.attachment)
        : place.router.change(holder.id, mail.change);
    this.#post(partition, place, parcels);
  }

  /** What was routed before is known to the end that it was read to, whoever had the partition meanwhile. */
  #own(partitions: readonly number[]): void {
    this.#owned = partitions;
    for (const partition of this.#places.keys()) if (!partitions.includes(partition)) this.#places.delete(partition);
    for (const { router } of this.#places.values()) router.limit(this.#share);
  }

  /** What is kept of each partition: the more of them, the less of each. */
  get #share() {
    return shareOf(this.#options.keptBytes, this.#owned.length);
  }

  #startAt(partition: number, { start, end }: LogRange): { next: number; last: null } {
    const known = this.#places.get(partition);
    const place = known !== undefined && known.next >= start ? known : this.#open(partition, start, end);
    this.#places.set(partition, place);
    place.since = Date.now(); // another one may have had it in between
    place.readBackTo = end;
    this.#announceSoon();
    return { next: place.next, last: null };
  }

  #open(partition: number, start: number, end: number): Place {
    const { repeatWindow, partitionCount } = this.#options;
    const limits = this.#share;
    const from = Math.max(start, end - repeatWindow - limits.maxRecords);
    const isLogStart = from === start;
    const judge = new RecordJudge({ partition, partitionCount: partitionCount(), repeatWindow, from, isLogStart });
    const router = new PartitionRouter<WrittenRecord>({ ...limits, from: judge.isSureFrom });
    return { judge, router, since: 0, next: from, barrier: 0, readBackTo: end, holders: new Map() };
  }

  /** In one turn: whoever takes the partition over again meanwhile must find all of the batch routed, or nothing. */
  async #route({ partition, records, nextOffset }: GroupBatch): Promise<void> {
    const place = this.#places.get(partition);
    if (place === undefined) return;
    const judged: JudgedRecord[] = [];
    for (const record of records) {
      if (record.offset < place.next) continue;
      const item = place.judge.judge(record);
      if (item !== null && item.offset >= place.judge.isSureFrom && this.#fits(partition, item)) judged.push(item);
      place.barrier = record.offset + 1;
    }
    this.#options.metrics.feedRecords.inc({ step: 'judged' }, records.length);
    this.#append(partition, place, judged, nextOffset);
    await nextTurn();
  }

  /** Offsets up to below `nextOffset` have nothing but hidden records. */
  #pass(partition: number, nextOffset: number): void {
    const place = this.#places.get(partition);
    if (place !== undefined && nextOffset > place.next) this.#append(partition, place, [], nextOffset);
  }

  #append(partition: number, place: Place, judged: readonly JudgedRecord[], nextOffset: number): void {
    const wasReady = isReady(place);
    place.next = nextOffset;
    if (nextOffset >= place.judge.isSureFrom) {
      this.#post(partition, place, place.router.append(writeRecords(judged), nextOffset, place.barrier));
    }
    if (!wasReady && isReady(place)) this.#announceSoon();
  }

  /** Whether it goes into a mail; no message of a client is ever too long for one. */
  #fits(partition: number, item: JudgedRecord): boolean {
    const bytes = mailBytesOf(item);
    if (bytes <= FEED_LIMITS.recordBytes) return true;
    this.#options.metrics.feedRecords.inc({ step: 'left_out' });
    this.#options.logger.warn({ partition, offset: item.offset, bytes }, 'a record is too long to be sent on');
    return false;
  }

  #post(partition: number, place: Place, parcels: readonly Parcel<WrittenRecord>[]): void {
    for (const { holder, stretch } of parcels) {
      const slot = place.holders.get(holder)?.slot;
      if (slot === undefined) continue;
      this.#options.metrics.feedRecords.inc({ step: 'sent' }, stretch.records.length);
      for (const part of splitStretch(stretch, FEED_LIMITS.mailBytes, ({ written }) => written.length)) {
        const mail = encodeMail({ kind: 'stretch', holder, partition, stretch: part });
        this.#options.send(slot, mail).catch(() => place.router.miss(holder)); // it sees the gap, and attaches anew
      }
    }
  }

  #tick(): void {
    if (this.#owned.length === 0) this.#places.clear(); // others have them for good
    const forgottenBefore = performance.now() - FEED_LIMITS.forgetMs;
    for (const partition of this.#owned) {
      const place = this.#places.get(partition);
      if (place === undefined) continue;
      for (const [holder, { heardAt }] of place.holders) {
        if (heardAt >= forgottenBefore) continue;
        place.holders.delete(holder);
        place.router.detach(holder);
      }
      this.#post(partition, place, place.router.progress());
    }
    this.#announce();
  }

  /** Once for partitions that are taken over, or ready, within a few ms. */
  #announceSoon(): void {
    this.#announceTimer ??= setTimeout(() => {
      this.#announceTimer = undefined;
      this.#announce();
    }, FEED_LIMITS.gatherMs);
  }

  /** What it routes, and what it has taken over and will route: nobody may think that nobody has that. */
  #announce(): void {
    const owned = this.#owned.flatMap((partition) => {
      const place = this.#places.get(partition);
      return place === undefined ? [] : [{ partition, place }];
    });
    if (owned.length === 0) return;
    const partitions = owned.flatMap(({ partition, place }) =>
      isReady(place) ? [[partition, place.since] as const] : [],
    );
    const readingBack = owned.flatMap(({ partition, place }) => (isReady(place) ? [] : [partition]));
    const mail = encodeMail({
      kind: 'routing',
      router: this.#options.self,
      reads: FEED_FORMATS,
      partitions,
      readingBack,
    });
    this.#options.send(0, mail).catch(() => {}); // told again soon
  }
}

/** Whether it has read back what it needs, and routes what is new. */
function isReady({ next, readBackTo }: Place): boolean {
  return next >= readBackTo;
}
