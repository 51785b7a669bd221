import type { RoomId } from '@chat/dto';
import type { Fail, LogRange } from '@chat/kafka';
import { partitionOf } from '@chat/kafka-contracts';
import { ChatError, withDeadline, type Logger } from '@chat/service-kit';
import { FEED_LIMITS } from '../limits.ts';
import { Deafness } from './deafness.ts';
import { FEED_FORMATS, type Mailbox, type RoutingRequest } from './feed-mail.ts';
import { FeedStream } from './feed-stream.ts';
import { RoomHolds } from './room-holds.ts';
import type { FeedSink } from './room-feed.ts';
import type { InterestChange, JudgedRecord, Stretch } from './stretch.ts';
import { UnansweredInterests } from './unanswered-interests.ts';

export interface FeedInboxOptions {
  readonly self: Mailbox;
  /** The log of `chat-messages` by partition, as it was at the start: live records begin at its end. */
  readonly ranges: ReadonlyMap<number, LogRange>;
  readonly repeatWindow: number;
  readonly sink: FeedSink;
  /** Resolves once the mail is in the mailbox's partition, behind what was sent there before. */
  readonly send: (slot: number, mail: RoutingRequest) => Promise<void>;
  /** Has `flush` called soon. */
  readonly flushSoon: () => void;
  readonly received: (recordCount: number) => void;
  /** Any clock that never goes back, in ms. */
  readonly now: () => number;
  /** How long a partition that others route may bring nothing while the brokers answer, in ms. */
  readonly deafElsewhereMs: number;
  readonly fail: Fail;
  readonly logger: Logger;
}

/** Who says that he routes a partition. */
export interface ToldRouter extends Mailbox {
  readonly since: number;
  /** Formats of mail that he reads. */
  readonly reads: readonly number[];
}

/** Who routes a partition, as far as was told. */
interface KnownRouter extends ToldRouter {
  heardAt: number;
}

/** A partition of `chat-messages` as it comes here. */
interface Arm {
  readonly openedAt: number;
  readonly partition: number;
  readonly stream: FeedStream<JudgedRecord>;
  readonly range: LogRange;
  readonly unanswered: UnansweredInterests;
  router: KnownRouter | null;
  /** When all was told to the router last, and when something was heard of it. */
  attachedAt: number;
  heardAt: number;
  /** When somebody said last that he has taken it over, and reads back what he needs to route it. */
  readBackAt: number;
  readonly added: Set<RoomId>;
  readonly removed: Set<RoomId>;
}

interface Waiter {
  readonly covered: Promise<void>;
  readonly resolve: () => void;
}

/**
 * What of `chat-messages` comes to this instance by mail, partition by partition: which rooms it wants, of whom it asks for them,
 * and when it asks again. Knows neither Kafka nor timers.
 */
export class FeedInbox {
  readonly #options: FeedInboxOptions;
  readonly #holds = new RoomHolds(FEED_LIMITS.lingerMs);
  readonly #arms: ReadonlyMap<number, Arm>;
  readonly #coveredSince = new Map<RoomId, number>();
  readonly #waiters = new Map<RoomId, Waiter>();
  readonly #inForce = Promise.withResolvers<void>();
  readonly #deafness = new Deafness();
  #isInForce = false;
  #renewedAt = 0;
  /** Whether the routers can be told, as far as was tried. */
  #isTelling = true;
  /** The last router that reads none of our mail. */
  #foreign: string | null = null;

  constructor(options: FeedInboxOptions) {
    this.#options = options;
    this.#arms = new Map(
      Array.from(options.ranges, ([partition, range]) => [partition, armOf(partition, range, options.now())]),
    );
  }

  /** Resolves once each partition has been heard of by who routes it. */
  get inForce(): Promise<void> {
    return this.#inForce.promise;
  }

  hold(roomId: RoomId): void {
    if (!this.#holds.hold(roomId)) return;
    const arm = this.#armOf(roomId);
    if (!arm.removed.delete(roomId)) arm.added.add(roomId);
    this.#options.flushSoon();
  }

  release(roomId: RoomId): void {
    this.#holds.release(roomId, this.#options.now());
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
    return this.coveredFrom(roomId) <= Math.max(range.start, stream.next - this.#options.repeatWindow);
  }

  endAtStart(partition: number): number {
    const arm = this.#arms.get(partition);
    if (arm === undefined) throw new RangeError(`chat-messages has no partition ${partition}`);
    return arm.range.end;
  }

  /** The partition of which nothing is known to come for longest, and for how long, in ms. */
  get silence(): { readonly partition: number; readonly ms: number } {
    const now = this.#options.now();
    let longest = { partition: 0, ms: 0 };
    for (const arm of this.#arms.values()) {
      const ms = Math.max(0, now - silentSince(arm, now));
      if (ms > longest.ms) longest = { partition: arm.partition, ms };
    }
    return longest;
  }

  /** The brokers were asked something, and answered. */
  brokersAnswered(): void {
    this.#deafness.answered(this.#options.now());
    if (this.#isInForce) for (const arm of this.#arms.values()) this.#judge(arm); // until then the start has its own deadline
  }

  /** Who routes a partition himself and does not hear it is the one at fault. Nobody is while one who takes it over reads back. */
  #judge(arm: Arm): void {
    const { self, deafElsewhereMs, now, fail } = this.#options;
    if (now() <= arm.readBackAt + FEED_LIMITS.silenceMs) return;
    const { partition, router } = arm;
    const isRoutedHere = router?.id === self.id;
    const lastsMs = this.#deafness.lastsMs(silentSince(arm, now()));
    if (lastsMs < (isRoutedHere ? FEED_LIMITS.deafMs : deafElsewhereMs)) return;
    const by = isRoutedHere ? 'this instance itself' : (router?.id ?? 'nobody');
    fail(`chat-messages/${partition}, routed by ${by}, has not answered for ${lastsMs} ms although the brokers answer`);
  }

  /** One at a time. */
  async take(partition: number, stretch: Stretch<JudgedRecord>): Promise<void> {
    const { sink, received, fail } = this.#options;
    const arm = this.#arms.get(partition);
    const taken = arm?.stream.take(stretch);
    if (arm === undefined || taken === undefined || taken.kind === 'stale') return;
    if (taken.kind === 'gap') return this.#fillGap(arm);
    if (taken.kind === 'lost') {
      return fail(`chat-messages/${partition} cannot be had from ${arm.stream.next} on, only from ${stretch.from}`);
    }
    arm.heardAt = this.#options.now();
    arm.unanswered.answered(stretch.version);
    received(taken.records.length);
    const isHeld = (roomId: RoomId) => arm.stream.coveredFrom(roomId) !== null;
    await sink.consumeJudged(partition, taken.records, stretch.barrier, isHeld);
    for (const roomId of taken.settled) if (isHeld(roomId)) this.#settle(roomId); // it may have lapsed meanwhile
    this.#noteInForce();
  }

  /** Somebody says that he routes a partition: whoever took it over last is right, unless nothing is heard of him. */
  learn(partition: number, router: ToldRouter): void {
    const arm = this.#arms.get(partition);
    if (arm === undefined || !this.#canTell(router)) return;
    const now = this.#options.now();
    const known = arm.router;
    if (known?.id === router.id && known.since === router.since) return void (known.heardAt = now);
    const isNewer = known === null || router.since > known.since || now > known.heardAt + FEED_LIMITS.silenceMs;
    if (!isNewer) return;
    arm.router = { ...router, heardAt: now };
    this.#attach(arm, now);
  }

  /** Whether it reads what this version writes. */
  #canTell({ id, reads }: ToldRouter): boolean {
    if (FEED_FORMATS.some((format) => reads.includes(format))) return true;
    const isNews = this.#foreign !== id;
    this.#foreign = id;
    if (isNews)
      this.#options.logger.warn({ router: id, reads }, 'a router is of a version that reads no mail of this one');
    return false;
  }

  /** Somebody says that he will route a partition once he has read back what he needs for that. */
  learnReadingBack(partition: number): void {
    const arm = this.#arms.get(partition);
    if (arm !== undefined) arm.readBackAt = this.#options.now();
  }

  /** Tells who routes them which rooms are held now. */
  flush(): void {
    const now = this.#options.now();
    for (const arm of this.#arms.values()) {
      const change = this.#applyChanges(arm);
      if (change === null) continue;
      if (change.added.length + change.removed.length > FEED_LIMITS.mailRooms) this.#attach(arm, now);
      else this.#tell(arm, change);
    }
  }

  /** Lets rooms go that nobody needs, and asks again where no answer came. */
  tick(): void {
    const now = this.#options.now();
    for (const roomId of this.#holds.takeIdle(now)) {
      const arm = this.#armOf(roomId);
      if (!arm.added.delete(roomId)) arm.removed.add(roomId);
    }
    this.flush();
    const isToRenew = now >= this.#renewedAt + FEED_LIMITS.renewMs;
    if (isToRenew) this.#renewedAt = now;
    for (const arm of this.#arms.values()) {
      const isUnanswered = now > arm.unanswered.eldestAt + patienceOf(arm);
      if (isUnanswered || now > Math.max(arm.heardAt, arm.attachedAt) + FEED_LIMITS.unheardMs) this.#attach(arm, now);
      else if (isToRenew) this.#tell(arm, arm.stream.renew());
    }
  }

  #armOf(roomId: RoomId): Arm {
    const arm = this.#arms.get(partitionOf(String(roomId), this.#arms.size));
    if (arm === undefined) throw new RangeError(`chat-messages has no partition for room ${roomId}`);
    return arm;
  }

  #noteInForce(): void {
    if (this.#isInForce) return;
    this.#isInForce = [...this.#arms.values()].every(({ stream }) => stream.hasBeenInForce);
    if (this.#isInForce) this.#inForce.resolve();
  }

  #settle(roomId: RoomId): void {
    this.#coveredSince.set(roomId, this.#options.now());
    this.#waiters.get(roomId)?.resolve();
    this.#waiters.delete(roomId);
  }

  /** What was on its way behind what is lacking shows the same gap: one asking is enough, unless no answer comes. */
  #fillGap(arm: Arm): void {
    const now = this.#options.now();
    const isAsked = arm.unanswered.hasAttachment && now < arm.attachedAt + FEED_LIMITS.gapMs;
    if (!isAsked) this.#attach(arm, now);
  }

  #attach(arm: Arm, now: number): void {
    const { router, partition } = arm;
    if (router === null) return;
    this.#applyChanges(arm);
    arm.attachedAt = now;
    const { rooms, ...all } = arm.stream.attach();
    arm.unanswered.attached(all.version, now);
    const parts = Math.max(1, Math.ceil(rooms.length / FEED_LIMITS.mailRooms));
    for (let part = 0; part < parts; part += 1) {
      const attachment = {
        ...all,
        rooms: rooms.slice(part * FEED_LIMITS.mailRooms, (part + 1) * FEED_LIMITS.mailRooms),
      };
      const { self: holder } = this.#options;
      this.#send(router, { kind: 'attachment', router: router.id, holder, partition, attachment, part, parts });
    }
  }

  /** Takes what is held now into the stream; what is to be told of it. */
  #applyChanges(arm: Arm): InterestChange | null {
    const change = arm.stream.change([...arm.added], [...arm.removed]);
    for (const roomId of arm.removed) {
      this.#coveredSince.delete(roomId);
      this.#waiters.delete(roomId);
    }
    if (arm.removed.size > 0) this.#options.sink.forget(arm.partition, arm.removed);
    arm.added.clear();
    arm.removed.clear();
    return change;
  }

  #tell({ router, partition, unanswered }: Arm, change: InterestChange): void {
    if (router === null) return;
    unanswered.told(change.version, this.#options.now());
    this.#send(router, { kind: 'change', router: router.id, holder: this.#options.self, partition, change });
  }

  /** What does not arrive is made up for by attaching anew. */
  #send({ slot }: Mailbox, mail: RoutingRequest): void {
    this.#options.send(slot, mail).then(
      () => (this.#isTelling = true),
      (error: unknown) => {
        const level = this.#isTelling ? 'warn' : 'debug'; // the first of several
        this.#isTelling = false;
        this.#options.logger[level](
          { err: error, partition: mail.partition },
          'a router could not be told what is held',
        );
      },
    );
  }
}

/** The longer nothing is answered, the longer: it may be this instance that is late, and all that it asks for comes on top. In ms. */
function patienceOf({ unanswered }: Arm): number {
  return FEED_LIMITS.answerMs * 2 ** Math.min(unanswered.againCount, FEED_LIMITS.answerDoublings);
}

/** Since when nobody is known to send it: nobody says that he routes it, or who does has not answered. Infinity where all is well. */
function silentSince({ router, unanswered, openedAt }: Arm, now: number): number {
  if (router === null) return openedAt;
  const isGone = now > router.heardAt + FEED_LIMITS.silenceMs;
  return Math.min(unanswered.since, isGone ? router.heardAt : Infinity);
}

function armOf(partition: number, range: LogRange, now: number): Arm {
  return {
    ...{ partition, range, stream: new FeedStream<JudgedRecord>(range.end), router: null },
    ...{
      unanswered: new UnansweredInterests(),
      openedAt: now,
      attachedAt: -Infinity,
      heardAt: -Infinity,
      readBackAt: -Infinity,
    },
    ...{ added: new Set<RoomId>(), removed: new Set<RoomId>() },
  };
}

function waiterOf(): Waiter {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { covered: promise, resolve };
}
