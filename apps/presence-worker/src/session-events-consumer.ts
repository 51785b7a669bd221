import type { SessionEventDTO, UserId } from '@chat/dto';
import type { DeadLetters, GroupBatch, RefusedRecord } from '@chat/kafka';
import { decodeRecord } from '@chat/kafka-contracts';
import type { PendingLastSeen, PresenceStore } from '@chat/redis';
import { ChatError } from '@chat/service-kit';
import { inParallel } from './in-parallel.ts';
import type { LastSeenWriter } from './last-seen-writer.ts';
import { STEPS_AT_ONCE } from './limits.ts';
import type { PresenceMetrics } from './metrics.ts';
import type { OwnedShards } from './owned-shards.ts';
import type { PresencePublisher } from './presence-publisher.ts';
import type { PresenceSteps } from './presence-steps.ts';
import type { PresenceInput } from './transition.ts';

export interface SessionEventsConsumerOptions {
  readonly shards: OwnedShards;
  readonly store: PresenceStore;
  readonly steps: PresenceSteps;
  readonly presencePublisher: PresencePublisher;
  readonly lastSeenWriter: LastSeenWriter;
  readonly deadLetters: DeadLetters;
  readonly metrics: PresenceMetrics;
}

/**
 * Session events of one shard: every event is a step of its user's presence, in the order of the log. The position is
 * committed once the steps are applied and announced; until then the same batch comes again, and does no harm twice.
 */
export class SessionEventsConsumer {
  readonly #options: SessionEventsConsumerOptions;

  constructor(options: SessionEventsConsumerOptions) {
    this.#options = options;
  }

  async processBatch(batch: GroupBatch): Promise<void> {
    const { shards, presencePublisher, lastSeenWriter, metrics } = this.#options;
    const endTimer = metrics.batchSeconds.startTimer();
    const shard = batch.partition;
    await this.#noteStart(batch);
    const steps = await this.#decodeAll(batch);
    for (const events of steps.values()) for (const event of events) lastSeenWriter.noteReported(seenIn(event));
    await inParallel([...steps], STEPS_AT_ONCE, ([userId, events]) => this.#takeSteps(batch, userId, events));
    await presencePublisher.drain(shard);
    lastSeenWriter.wake(shard);
    await batch.commit(batch.nextOffset);
    shards.noteProgress(shard, isBehind(batch));
    endTimer();
  }

  async #noteStart(batch: GroupBatch): Promise<void> {
    const { shards, store } = this.#options;
    const shard = batch.partition;
    if (batch.fetchedOffset === 0 && shards.isUnheard(shard)) await store.liftHold(shard, shards.getGeneration(shard));
    if (isBehind(batch)) shards.noteProgress(shard, true);
  }

  /** Events by user, each user's in order. What is no session event is set aside. */
  async #decodeAll(batch: GroupBatch): Promise<ReadonlyMap<UserId, SessionEventDTO[]>> {
    const byUser = new Map<UserId, SessionEventDTO[]>();
    const refused: RefusedRecord[] = [];
    for (const record of batch.records) {
      const decoded = decodeRecord('session-events', record.value);
      if (!decoded.ok) {
        refused.push({ record, reason: decoded.reason });
        continue;
      }
      const events = byUser.get(decoded.value.userId);
      if (events === undefined) byUser.set(decoded.value.userId, [decoded.value]);
      else events.push(decoded.value);
    }
    await this.#options.deadLetters.setAside(batch.partition, refused);
    return byUser;
  }

  async #takeSteps(batch: GroupBatch, userId: UserId, events: readonly SessionEventDTO[]): Promise<void> {
    const { shards, steps } = this.#options;
    const shard = batch.partition;
    for (const event of events) {
      const { sessionId, gatewayId } = event;
      const address = { shard, generation: shards.getGeneration(shard), userId, sessionId, gatewayId };
      if ((await steps.take(address, toInput(event))) === 'STALE') await this.#takeBack(batch);
    }
  }

  /**
   * Redis says that the shard is another's. If the group still counts this instance as the owner, the other one claimed it
   * late, and it is claimed again; the batch comes again either way.
   */
  async #takeBack(batch: GroupBatch): Promise<never> {
    await batch.heartbeat();
    if (!batch.isStale()) await this.#options.shards.claimAgain(batch.partition);
    throw new ChatError('UNAVAILABLE', { message: 'The shard was claimed by another instance.' });
  }
}

function isBehind({ nextOffset, highWatermark }: GroupBatch): boolean {
  return nextOffset < highWatermark;
}

/** What a gateway says of users whose rooms are open: that changes nothing of their presence. */
function seenIn({ seen = [], at }: SessionEventDTO): readonly PendingLastSeen[] {
  const seenAtMs = Date.parse(at);
  return seen.flatMap(({ userId, roomIds }) => roomIds.map((roomId) => ({ userId, roomId, seenAtMs })));
}

function toInput(event: SessionEventDTO): PresenceInput {
  const { at, exitedRoomIds = [] } = event;
  if (event.event !== 'OPENED') return { kind: event.event, exitedRoomIds, at };
  return { kind: 'OPENED', gatewayId: event.gatewayId, activeRoomId: event.activeRoomId ?? null, exitedRoomIds, at };
}
