import type { RoomEventDTO } from '@chat/dto';
import type { DeadLetters, GroupBatch, RefusedRecord } from '@chat/kafka';
import { decodeRecord, partitionOf } from '@chat/kafka-contracts';
import type { PresenceStore } from '@chat/redis';
import type { PresenceMetrics } from './metrics.ts';

export interface RoomEventsConsumerOptions {
  readonly store: PresenceStore;
  readonly deadLetters: DeadLetters;
  /** Partitions of session-events: a user's shard is the partition of their id. */
  readonly shardCount: () => number;
  readonly metrics: PresenceMetrics;
}

/**
 * Joining and leaving of members as presence: put into the outbox of the user's shard, so that they take their place among
 * the user's other transitions and whoever owns the shard publishes them.
 */
export class RoomEventsConsumer {
  readonly #options: RoomEventsConsumerOptions;

  constructor(options: RoomEventsConsumerOptions) {
    this.#options = options;
  }

  async processBatch(batch: GroupBatch): Promise<void> {
    const refused: RefusedRecord[] = [];
    for (const record of batch.records) {
      const decoded = decodeRecord('room-events', record.value);
      if (decoded.ok) await this.#tell(decoded.value);
      else refused.push({ record, reason: decoded.reason });
    }
    await this.#options.deadLetters.setAside(batch.partition, refused);
    await batch.commit(batch.nextOffset);
  }

  async #tell({ event, userId, roomId, version, at }: RoomEventDTO): Promise<void> {
    if ((event !== 'MEMBER_ADDED' && event !== 'MEMBER_REMOVED') || userId === undefined) return;
    const told = await this.#options.store.tellMembership({
      shard: partitionOf(String(userId), this.#options.shardCount()),
      userId,
      roomId,
      event: event === 'MEMBER_ADDED' ? 'JOINED' : 'LEFT',
      roomVersion: version,
      at,
    });
    if (told) this.#options.metrics.transitions.inc({ event: event === 'MEMBER_ADDED' ? 'JOINED' : 'LEFT' });
  }
}
