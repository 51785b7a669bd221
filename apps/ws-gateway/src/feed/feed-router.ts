import { GroupConsumer, type Fail, type GroupBatch, type KafkaClient, type LogRange } from '@chat/kafka';
import type { Logger, Service } from '@chat/service-kit';
import { FEED_LIMITS } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { encodeMail, mailBytesOf, type FeedMail, type Mailbox } from './feed-mail.ts';
import { PartitionRouter, type Parcel } from './partition-router.ts';
import { RecordJudge } from './record-judge.ts';
import { splitStretch, type JudgedRecord } from './stretch.ts';

export interface FeedRouterOptions {
  readonly client: KafkaClient;
  readonly partitionCount: () => number;
  readonly repeatWindow: number;
  /** Of each partition, for who comes from another router. */
  readonly keptBytes: number;
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
  readonly router: PartitionRouter<JudgedRecord>;
  /** Since when, in Unix ms. */
  since: number;
  /** The offset that is read next. */
  next: number;
  /** Of those that it knows: where their mail goes, and when they were heard of last. */
  readonly holders: Map<string, { readonly slot: number; heardAt: number }>;
}

/** What is asked of the one who routes a partition. */
export type RoutingRequest = Extract<FeedMail, { kind: 'attachment' | 'change' }>;

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
  }

  #startAt(partition: number, { start, end }: LogRange): { next: number; last: null } {
    const known = this.#places.get(partition);
    const place = known !== undefined && known.next >= start ? known : this.#open(partition, start, end);
    this.#places.set(partition, place);
    place.since = Date.now(); // another one may have had it in between
    this.#announce();
    return { next: place.next, last: null };
  }

  #open(partition: number, start: number, end: number): Place {
    const { repeatWindow, partitionCount } = this.#options;
    const from = Math.max(start, end - repeatWindow - FEED_LIMITS.keptRecords);
    const isLogStart = from === start;
    const judge = new RecordJudge({ partition, partitionCount: partitionCount(), repeatWindow, from, isLogStart });
    const limits = { maxRecords: FEED_LIMITS.keptRecords, maxBytes: this.#options.keptBytes };
    const router = new PartitionRouter<JudgedRecord>({ ...limits, from: judge.isSureFrom });
    return { judge, router, since: 0, next: from, holders: new Map() };
  }

  #route({ partition, records, nextOffset }: GroupBatch): Promise<void> {
    const place = this.#places.get(partition);
    if (place === undefined) return Promise.resolve();
    const judged: JudgedRecord[] = [];
    for (const record of records) {
      if (record.offset < place.next) continue;
      const item = place.judge.judge(record);
      if (item !== null && item.offset >= place.judge.isSureFrom) judged.push(item);
    }
    this.#options.metrics.feedRecords.inc({ step: 'judged' }, records.length);
    place.next = nextOffset;
    if (nextOffset >= place.judge.isSureFrom) this.#post(partition, place, place.router.append(judged, nextOffset));
    return Promise.resolve();
  }

  #post(partition: number, place: Place, parcels: readonly Parcel<JudgedRecord>[]): void {
    for (const { holder, stretch } of parcels) {
      const slot = place.holders.get(holder)?.slot;
      if (slot === undefined) continue;
      this.#options.metrics.feedRecords.inc({ step: 'sent' }, stretch.records.length);
      for (const part of splitStretch(stretch, FEED_LIMITS.mailBytes, mailBytesOf)) {
        const mail = encodeMail({ kind: 'stretch', holder, partition, stretch: part });
        this.#options.send(slot, mail).catch(() => place.router.detach(holder)); // it attaches anew when it hears nothing
      }
    }
  }

  #tick(): void {
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

  #announce(): void {
    const partitions = this.#owned.flatMap((partition) => {
      const place = this.#places.get(partition);
      return place === undefined ? [] : [[partition, place.since] as const];
    });
    if (partitions.length === 0) return;
    const mail = encodeMail({ kind: 'routing', router: this.#options.self, partitions });
    this.#options.send(0, mail).catch(() => {}); // told again soon
  }
}
