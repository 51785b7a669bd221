import { RECORD_HEADERS, decodeMessageRecord, headerText, repeatKeysOf, type RawRecord } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import { roomDestination } from '../broker/destinations.ts';
import { fanOut } from '../broker/fan-out.ts';
import type { RecentMessages } from '../broker/recent-messages.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import type { GatewayMetrics } from '../metrics.ts';

export interface ChatMessagesOptions {
  readonly subscriptions: SubscriptionRegistry;
  readonly recent: RecentMessages;
  /** Partitions of `chat-messages`. */
  readonly partitionCount: () => number;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

interface LogRecord extends RawRecord {
  readonly offset: number;
}

/** `chat-messages` → subscribers of the room here. A repeat is judged by headers alone and delivered to nobody. */
export class ChatMessagesConsumer {
  readonly #options: ChatMessagesOptions;

  constructor(options: ChatMessagesOptions) {
    this.#options = options;
  }

  /** Fills the memory of repeats from records that were in the log before this instance was ready. */
  remember(partition: number, records: readonly LogRecord[]): void {
    for (const record of records) this.#options.recent.observe(partition, record.offset, repeatKeysOf(record));
  }

  consume(partition: number, records: readonly LogRecord[]): void {
    for (const record of records) this.#consumeOne(partition, record);
  }

  #consumeOne(partition: number, record: LogRecord): void {
    const { recent, subscriptions, metrics, logger } = this.#options;
    if (!recent.observe(partition, record.offset, repeatKeysOf(record))) {
      metrics.repeats.inc();
      return;
    }
    const decoded = decodeMessageRecord(record, partition, this.#options.partitionCount());
    if (!decoded.ok) {
      logger.warn(
        { partition, offset: record.offset, reason: decoded.reason },
        'a record of chat-messages does not count',
      );
      return;
    }
    const { roomId, id } = decoded.value;
    const groups = subscriptions.ofRoom(roomId);
    if (groups === undefined || record.value === null) return;
    const clientMessageId = headerText(record, RECORD_HEADERS.clientMessageId);
    const deliveries = fanOut(groups, {
      destination: roomDestination(roomId),
      messageId: String(id),
      body: record.value,
      ...(clientMessageId !== null && { headers: [['client-message-id', clientMessageId]] }),
    });
    metrics.deliveries.inc({ topic: 'chat-messages' }, deliveries);
  }
}
