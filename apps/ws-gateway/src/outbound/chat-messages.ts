import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RoomId } from '@chat/dto';
import { processSpan, senderOf } from '@chat/kafka';
import {
  clientKeyOf,
  messageRepeatIdsOf,
  readMessageRecord,
  textOf,
  type MessageHead,
  type MessageRepeatIds,
} from '@chat/kafka-contracts';
import type { Clock, Logger, Tracing } from '@chat/service-kit';
import { messageDigest, writtenContentDigest } from '../broker/content-digest.ts';
import { fanOut } from '../broker/fan-out.ts';
import type { KnownMessages } from '../broker/known-messages.ts';
import type { FirstMessage, ReadMessage, RecentMessages } from '../broker/recent-messages.ts';
import { outboundOf, type RoomMessage } from '../broker/room-message.ts';
import { FAN_OUT_TURN_MS } from '../limits.ts';
import type { RoomTail, RoomTails } from '../broker/room-tails.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import type { PendingSends } from '../broker/pending-sends.ts';
import type { FeedRecord, FeedSink } from '../feed/room-feed.ts';
import type { JudgedRecord, Verdict } from '../feed/stretch.ts';
import type { MemberRemoval } from '../membership/removals.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { RoomNotifications } from '../notifications/room-notifications.ts';
import type { DeliveryMarks } from '../receipts/delivery-marks.ts';
import type { ReceiptsTeller } from '../receipts/receipts-teller.ts';
import type { HeldSubscriptions } from '../replay/held-subscriptions.ts';
import type { MessageStories } from '../stories/message-stories.ts';

export interface ChatMessagesOptions {
  readonly subscriptions: SubscriptionRegistry;
  readonly held: HeldSubscriptions;
  readonly marks: Pick<DeliveryMarks, 'changed'>;
  readonly receipts: Pick<ReceiptsTeller, 'isListening' | 'sent'>;
  /** Told of messages that are news to who does not have the room open. */
  readonly notifications: Pick<RoomNotifications, 'isNotified' | 'noteMessage'>;
  readonly recent: RecentMessages;
  readonly tails: RoomTails;
  readonly pending: PendingSends;
  /** A member was removed: nothing behind the record is for them. */
  readonly removed: (removal: MemberRemoval) => void;
  readonly known: KnownMessages;
  readonly stories: Pick<MessageStories, 'passed'>;
  /** Partitions of `chat-messages`. */
  readonly partitionCount: () => number;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  /** Null where nothing is traced; no header of a record is read for it then. */
  readonly tracing: Tracing | null;
  readonly logger: Logger;
}

/** A message of the log that somebody here gets, or that takes somebody here out of its room. */
interface PassingMessage extends RoomMessage {
  readonly id: number;
  readonly partition: number;
  readonly removal: MemberRemoval | null;
}

/** What is said of the records of a batch, in their order; and of which rooms they are still wanted. */
interface Verdicts {
  readonly of: readonly Verdict[];
  readonly isHeld: (roomId: RoomId) => boolean;
}

/** Records that nobody here gets are read this many at a time before others may have their turn: some 0.1 ms. */
const UNHEARD_PER_LOOK = 64;

/**
 * `chat-messages` → subscribers of the room here, and what this instance remembers of the log. What counts, what repeats and
 * what came before is judged of every record, whether or not somebody here listens, so that all instances judge alike.
 */
export class ChatMessagesConsumer implements FeedSink {
  readonly #options: ChatMessagesOptions;

  constructor(options: ChatMessagesOptions) {
    this.#options = options;
  }

  /**
   * Remembers records that were in the log before this instance was ready; nobody gets them. Where they do not go back to the
   * log's start, any of them may repeat one before them, so none is certain to be what its room saw last.
   */
  remember(partition: number, records: readonly FeedRecord[], isWholeLog: boolean): void {
    for (const record of records) this.#read(partition, record, isWholeLog, null);
  }

  async consume(partition: number, records: readonly FeedRecord[]): Promise<void> {
    await this.#inTurns(partition, records, null);
  }

  async consumeJudged(
    partition: number,
    records: readonly JudgedRecord[],
    barrier: number,
    isHeld: (roomId: RoomId) => boolean,
  ): Promise<void> {
    const live = records.map(({ record }) => record);
    await this.#inTurns(partition, live, { of: records, isHeld });
    if (barrier > 0) this.#options.tails.advance(partition, barrier - 1);
  }

  forget(partition: number, roomIds: ReadonlySet<RoomId>): void {
    for (const roomId of roomIds) this.#options.tails.forget(partition, roomId);
    this.#options.pending.forget(roomIds);
  }

  /** A long batch takes several turns of the event loop: between them its frames are written, and others have their turn. */
  async #inTurns(partition: number, records: readonly FeedRecord[], verdicts: Verdicts | null): Promise<void> {
    let isFirstTurn = true;
    let turnEndsAt = performance.now() + FAN_OUT_TURN_MS;
    let unheardCount = 0;
    let deliveryCount = 0;
    let lastHeard: FeedRecord | null = null;
    let at = -1;
    for (const record of records) {
      at += 1;
      if (unheardCount === 0 && performance.now() >= turnEndsAt) {
        await nextTurn();
        isFirstTurn = false;
        turnEndsAt = performance.now() + FAN_OUT_TURN_MS;
      }
      const verdict = verdicts?.of[at] ?? null;
      if (verdicts !== null && verdict !== null && !isFirstTurn && !verdicts.isHeld(verdict.roomId)) continue;
      const message = this.#read(partition, record, true, verdict);
      if (message !== null) {
        deliveryCount += this.#deliverTraced(partition, record, message);
        lastHeard = record;
      }
      unheardCount = message === null ? (unheardCount + 1) % UNHEARD_PER_LOOK : 0;
    }
    if (lastHeard !== null && deliveryCount > 0) this.#noteDeliveries(deliveryCount, lastHeard.timestamp);
  }

  /** Once a batch, behind the writes of its frames, which were put off to the end of this turn. */
  #noteDeliveries(count: number, madeAt: number): void {
    const { metrics, clock } = this.#options;
    metrics.deliveries.inc({ source: 'chat-messages' }, count);
    setImmediate(() => metrics.fanOutSeconds.observe(Math.max(0, clock.now() - madeAt) / 1_000)); // clocks may differ
  }

  /** Takes one record in; the message in it, or null where it does not count, repeats an earlier one, or is nothing to anybody here. */
  #read(partition: number, record: FeedRecord, isCertain: boolean, verdict: Verdict | null): PassingMessage | null {
    const { tails, known, notifications, receipts } = this.#options;
    const { offset, value } = record;
    tails.advance(partition, offset);
    const head = this.#decode(partition, record);
    if (head === null || value === null) return null;
    const { id, roomId, senderId, content, kind, change } = head;
    const ids = messageRepeatIdsOf(record, head);
    const digest = ids.clientMessageId && messageDigest(writtenContentDigest(content), change);
    const message = { messageId: id, roomId, senderId, ids, digest, isCertain };
    const first = this.#findFirst(partition, offset, message, verdict);
    if (first !== null) {
      this.#noteRepeat(partition, offset, message, first);
      return null;
    }
    const before = isCertain ? tails.pass(partition, roomId, new TailInLog(id, offset)) : undefined;
    const isNews = kind === null && notifications.isNotified(roomId);
    if (isNews) notifications.noteMessage(roomId, { senderId, offset, body: value });
    if (kind === null && isCertain && receipts.isListening(senderId)) this.#noteSent(head, ids, offset);
    if (change?.kind === 'DELETE') known.deleted(roomId, change.targetId);
    const removal = removalIn(head);
    if (removal === null && !this.#isHeard(roomId)) return null;
    if (change === null) known.note(head);
    return {
      id,
      partition,
      roomId,
      messageId: String(id),
      senderId,
      offset,
      body: value,
      clientMessageId: ids.clientMessageId && textOf(ids.clientMessageId),
      prev: verdict === null ? (before?.messageId ?? null) : verdict.prev,
      isReplayed: false,
      removal,
    };
  }

  #decode(partition: number, record: FeedRecord): MessageHead | null {
    const decoded = readMessageRecord(record, partition, this.#options.partitionCount());
    if (decoded.ok) return decoded.value;
    this.#options.logger.warn(
      { partition, offset: record.offset, reason: decoded.reason },
      'a record of chat-messages does not count',
    );
    return null;
  }

  /** The message that this one repeats. */
  #findFirst(partition: number, offset: number, message: ReadMessage, verdict: Verdict | null): FirstMessage | null {
    const { recent, pending } = this.#options;
    if (verdict !== null) recent.learn(partition, offset, message, verdict.first);
    const first = verdict === null ? recent.observe(partition, offset, message) : verdict.first;
    if (pending.count > 0) this.#settle(message, first);
    return first;
  }

  /** A record that an attempt too many has appended repeats itself, which is nothing to tell. */
  #noteRepeat(partition: number, offset: number, { messageId, roomId }: ReadMessage, first: FirstMessage): void {
    const { metrics, stories } = this.#options;
    metrics.repeats.inc();
    const repeatOf = Number(first.messageId);
    if (repeatOf !== messageId) {
      stories.passed({ messageId, roomId, partition, offset, deliveredCount: 0, heldCount: 0, repeatOf });
    }
  }

  /** The log has shown who was first under the record's client key. */
  #settle({ roomId, senderId, ids, ...message }: ReadMessage, first: FirstMessage | null): void {
    if (ids.clientMessageId === null) return;
    const key = clientKeyOf(senderId, roomId, textOf(ids.clientMessageId));
    this.#options.pending.settle(key, first ?? { ...message, messageId: String(message.messageId) });
  }

  #noteSent({ id, roomId, senderId }: MessageHead, { clientMessageId }: MessageRepeatIds, offset: number): void {
    const name = clientMessageId && textOf(clientMessageId);
    this.#options.receipts.sent({ userId: senderId, roomId, messageId: id, clientMessageId: name, offset });
  }

  #isHeard(roomId: RoomId): boolean {
    const { subscriptions, held } = this.#options;
    return subscriptions.ofRoom(roomId) !== undefined || held.has(roomId);
  }

  #deliverTraced(partition: number, record: FeedRecord, message: PassingMessage): number {
    const { tracing } = this.#options;
    const sender = tracing === null ? null : senderOf(record);
    if (tracing === null || sender === null) return this.#deliver(message);
    const span = tracing.follow(sender, processSpan('chat-messages', 'deliver', partition, record));
    const deliveryCount = this.#deliver(message);
    span.add({ 'chat.room.id': message.roomId, 'chat.deliveries': deliveryCount });
    span.end();
    return deliveryCount;
  }

  /** How many it was handed to. The removed get the message that tells of it, and nothing more. */
  #deliver(message: PassingMessage): number {
    const { subscriptions, held, marks, removed, stories } = this.#options;
    const heldCount = held.take(message);
    const groups = subscriptions.ofRoom(message.roomId);
    if (groups !== undefined) marks.changed(message.roomId, message.senderId, message.offset);
    const deliveryCount = groups === undefined ? 0 : fanOut(groups, outboundOf(message));
    const { id: messageId, roomId, partition, offset } = message;
    stories.passed({ messageId, roomId, partition, offset, deliveredCount: deliveryCount, heldCount, repeatOf: 0 });
    if (message.removal !== null) removed(message.removal);
    return deliveryCount;
  }
}

function removalIn({ roomId, notice }: MessageHead): MemberRemoval | null {
  if (notice?.event !== 'MEMBER_REMOVED') return null;
  const { userId, version } = notice;
  return { roomId, userId, version };
}

/** Its id becomes text when somebody asks for it, which for most rooms nobody does. */
class TailInLog implements RoomTail {
  readonly offset: number;
  readonly #id: number;

  constructor(id: number, offset: number) {
    this.#id = id;
    this.offset = offset;
  }

  get messageId(): string {
    return String(this.#id);
  }
}
