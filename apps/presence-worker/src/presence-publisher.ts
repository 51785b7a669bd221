import { PRESENCE_EVENTS, type PresenceEvent, type PresenceEventDTO } from '@chat/dto';
import type { OrderedPublisher } from '@chat/kafka';
import type { OutboxEntry, PresenceStore } from '@chat/redis';
import { ChatError } from '@chat/service-kit';
import { OUTBOX_BATCH_SIZE } from './limits.ts';

export interface PresencePublisherOptions {
  readonly store: PresenceStore;
  readonly publisher: Pick<OrderedPublisher, 'publish'>;
  /** Name of this instance in the records. */
  readonly source: string;
}

/**
 * Brings the outbox of a shard to presence-messages: publish in order, then take out. What was published and not taken out
 * is published again; gateways drop versions that they have seen.
 */
export class PresencePublisher {
  readonly #options: PresencePublisherOptions;
  /** The drain of each shard that is under way, and the one that waits for it. */
  readonly #running = new Map<number, Promise<void>>();
  readonly #waiting = new Map<number, Promise<void>>();

  constructor(options: PresencePublisherOptions) {
    this.#options = options;
  }

  /**
   * Resolves once everything that was in the outbox at the time of the call is in Kafka. One drain of a shard at a time;
   * calls that come meanwhile share the next one. Rejects as `publish` and the store do.
   */
  drain(shard: number): Promise<void> {
    const running = this.#running.get(shard);
    if (running === undefined) return this.#run(shard);
    const waiting = this.#waiting.get(shard);
    if (waiting !== undefined) return waiting;
    const next = running.catch(ignoreFailure).then(() => {
      this.#waiting.delete(shard);
      return this.#run(shard);
    });
    this.#waiting.set(shard, next);
    return next;
  }

  #run(shard: number): Promise<void> {
    const run = this.#drainAll(shard).finally(() => this.#running.delete(shard));
    this.#running.set(shard, run);
    return run;
  }

  async #drainAll(shard: number): Promise<void> {
    const { store } = this.#options;
    for (;;) {
      const entries = await store.listOutbox(shard, OUTBOX_BATCH_SIZE);
      if (entries.length === 0) return;
      await Promise.all(entries.map((entry) => this.#publish(entry)));
      await store.removeFromOutbox(
        shard,
        entries.map(({ id }) => id),
      );
      if (entries.length < OUTBOX_BATCH_SIZE) return;
    }
  }

  async #publish(entry: OutboxEntry): Promise<void> {
    const value = toPresenceEvent(entry);
    await this.#options.publisher.publish('presence-messages', entry.userId, value, {
      id: `presence-${entry.userId}-${entry.version}`,
      source: this.#options.source,
      time: entry.at,
    });
  }
}

function toPresenceEvent({ userId, event, isOnline, roomId, at, version }: OutboxEntry): PresenceEventDTO {
  return { userId, event: knownEvent(event), isOnline, ...(roomId !== null && { roomId }), at, version };
}

function knownEvent(name: string): PresenceEvent {
  const event = PRESENCE_EVENTS.find((known) => known === name);
  if (event === undefined) throw new ChatError('INTERNAL', { message: 'The outbox holds an unknown presence event.' });
  return event;
}

function ignoreFailure(): void {
  // whoever asked for that drain was told
}
