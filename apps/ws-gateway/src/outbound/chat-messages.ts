import { setImmediate } from 'node:timers/promises';
import type { MessageDTO } from '@chat/dto';
import {
  decodeMessageRecord,
  messageRepeatKeysOf,
  type MessageRepeatKeys,
  type RawRecord,
} from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import { contentDigest } from '../broker/content-digest.ts';
import { fanOut } from '../broker/fan-out.ts';
import type { RecentMessages } from '../broker/recent-messages.ts';
import { outboundOf, type RoomMessage } from '../broker/room-message.ts';
import { FAN_OUT_TURN_MS } from '../limits.ts';
import type { RoomTails } from '../broker/room-tails.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import type { PendingSends } from '../broker/pending-sends.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { HeldSubscriptions } from '../replay/held-subscriptions.ts';

export interface ChatMessagesOptions {
  readonly subscriptions: SubscriptionRegistry;
  readonly held: HeldSubscriptions;
  readonly recent: RecentMessages;
  readonly tails: RoomTails;
  readonly pending: PendingSends;
  /** Partitions of `chat-messages`. */
  readonly partitionCount: () => number;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

interface LogRecord extends RawRecord {
  readonly offset: number;
}

/** A record that counts. */
interface Counted {
  readonly message: MessageDTO;
  readonly keys: MessageRepeatKeys;
}

/**
 * `chat-messages` → subscribers of the room here, and what this instance remembers of the log. What counts, what repeats and
 * what came before is judged of every record, whether or not somebody here listens, so that all instances judge alike.
 */
export class ChatMessagesConsumer {
  readonly #options: ChatMessagesOptions;

  constructor(options: ChatMessagesOptions) {
    this.#options = options;
  }

  /**
   * Remembers records that were in the log before this instance was ready; nobody gets them. Where they do not go back to the
   * log's start, any of them may repeat one before them, so none is certain to be what its room saw last.
   */
  remember(partition: number, records: readonly LogRecord[], isWholeLog: boolean): void {
    for (const record of records) this.#read(partition, record, isWholeLog);
  }

  /** A long batch takes several turns of the event loop: between them its frames are written, and others have their turn. */
  async consume(partition: number, records: readonly LogRecord[]): Promise<void> {
    let turnEndsAt = performance.now() + FAN_OUT_TURN_MS;
    for (const record of records) {
      if (performance.now() >= turnEndsAt) {
        await setImmediate();
        turnEndsAt = performance.now() + FAN_OUT_TURN_MS;
      }
      const message = this.#read(partition, record, true);
      if (message !== null) this.#deliver(message);
    }
  }

  /** Takes one record in; the message in it, or null where it does not count or repeats an earlier one. */
  #read(partition: number, record: LogRecord, isCertain: boolean): RoomMessage | null {
    const { tails, metrics } = this.#options;
    tails.advance(partition, record.offset);
    const counted = this.#decode(partition, record);
    if (counted === null || record.value === null) return null;
    if (this.#isRepeat(partition, record.offset, counted, isCertain)) {
      metrics.repeats.inc();
      return null;
    }
    const { roomId, id } = counted.message;
    const messageId = String(id);
    const before = isCertain ? tails.pass(partition, roomId, { messageId, offset: record.offset }) : undefined;
    return {
      roomId,
      messageId,
      body: record.value,
      clientMessageId: counted.keys.clientMessageId,
      prev: before?.messageId ?? null,
      isReplayed: false,
    };
  }

  #decode(partition: number, record: LogRecord): Counted | null {
    const decoded = decodeMessageRecord(record, partition, this.#options.partitionCount());
    if (decoded.ok) return { message: decoded.value, keys: messageRepeatKeysOf(record, decoded.value) };
    this.#options.logger.warn(
      { partition, offset: record.offset, reason: decoded.reason },
      'a record of chat-messages does not count',
    );
    return null;
  }

  #isRepeat(partition: number, offset: number, { message, keys }: Counted, isCertain: boolean): boolean {
    const { recent, pending } = this.#options;
    const digest = keys.clientKey === null ? null : contentDigest(message.content);
    const verdict = recent.observe(partition, offset, keys, {
      messageId: String(message.id),
      digest,
      isCertain,
    });
    if (keys.clientKey !== null) pending.settle(keys.clientKey, verdict.first);
    return verdict.isRepeat;
  }

  #deliver(message: RoomMessage): void {
    const { subscriptions, held, metrics } = this.#options;
    held.take(message);
    const groups = subscriptions.ofRoom(message.roomId);
    if (groups === undefined) return;
    metrics.deliveries.inc({ topic: 'chat-messages' }, fanOut(groups, outboundOf(message)));
  }
}
