import type { RoomId } from '@chat/dto';
import { DeadlineError, withDeadline } from '@chat/service-kit';
import { deliver } from '../broker/fan-out.ts';
import type { LiveSession } from '../broker/live-session.ts';
import type { Outcome } from '../broker/outcome.ts';
import type { ReplayRequest } from '../broker/replay-request.ts';
import type { Subscription } from '../broker/requests.ts';
import { outboundOf, type RoomMessage } from '../broker/room-message.ts';
import type { RoomTails } from '../broker/room-tails.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { HeldSubscription } from './held-subscription.ts';
import type { HeldSubscriptions } from './held-subscriptions.ts';
import type { Recovery, RoomReplay } from './room-replay.ts';

export interface RoomSubscriptionsOptions {
  readonly subscriptions: SubscriptionRegistry;
  readonly held: HeldSubscriptions;
  readonly tails: RoomTails;
  readonly replay: RoomReplay;
  readonly partitionOf: (roomId: RoomId) => number;
  /** The offset behind the last record that this instance has read of the partition. */
  readonly readUpTo: (partition: number) => number;
  /** Bytes that may wait for a client before a replay is sent on top of them. */
  readonly maxBacklogBytes: number;
  readonly now: () => number;
  readonly metrics: GatewayMetrics;
}

/** A room as somebody subscribes to it. */
export interface RoomSubscription {
  readonly session: LiveSession;
  readonly subscription: Subscription;
  readonly roomId: RoomId;
  /** By when it is live, by `now`. */
  readonly dueAt: number;
}

/**
 * Makes subscriptions to rooms live: at once, or behind the barrier after what their client missed. No message is between
 * the two, none comes twice: what the barrier divides is one log.
 */
export class RoomSubscriptions {
  readonly #options: RoomSubscriptionsOptions;

  constructor(options: RoomSubscriptionsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the subscription is live, with whether nothing is missing; also where it was taken away meanwhile. From the
   * call on nothing of the room passes it by.
   */
  open(room: RoomSubscription): Promise<Outcome> {
    const request = room.subscription.replay;
    if (request.kind === 'none' || this.#missesNothing(room)) {
      this.#options.subscriptions.add(room.session, room.subscription);
      return Promise.resolve(this.#outcome(true));
    }
    return this.#resume(room, request);
  }

  close(session: LiveSession, subscription: Subscription, roomId: RoomId): void {
    this.#options.held.remove(roomId, subscription);
    this.#options.subscriptions.remove(session, subscription);
  }

  /** Whether what the client saw last is the last that there is. */
  #missesNothing({ roomId, subscription }: RoomSubscription): boolean {
    const request = subscription.replay;
    if (request.kind !== 'since' || request.messageId === null) return false;
    const tail = this.#options.tails.find(this.#options.partitionOf(roomId), roomId);
    return tail?.messageId === String(request.messageId);
  }

  async #resume(room: RoomSubscription, request: Exclude<ReplayRequest, { kind: 'none' }>): Promise<Outcome> {
    const { held, replay, partitionOf, readUpTo } = this.#options;
    const { roomId, subscription, dueAt } = room;
    const since = request.kind === 'since' && request.messageId !== null ? String(request.messageId) : null;
    const partition = partitionOf(roomId);
    const hold = held.add(roomId, subscription, since);
    try {
      const task = { roomId, partition, barrier: readUpTo(partition), hold, dueAt };
      const recovery = await replay.recover(task, request);
      const hasRoom = await this.#hasRoom(room);
      if (hold.end === 'cancelled') return this.#outcome(false);
      return this.#outcome(this.#goLive(room, hold, hasRoom ? recovery : { ...recovery, isRecovered: false }));
    } finally {
      held.remove(roomId, subscription);
    }
  }

  /** Whether the client takes what waits for it already, so that a replay does not make it a slow one. */
  async #hasRoom({ session, dueAt }: RoomSubscription): Promise<boolean> {
    const { maxBacklogBytes, now } = this.#options;
    const taken = session.receiver.whenTaken(maxBacklogBytes);
    if (taken === null) return true;
    try {
      await withDeadline(taken, Math.max(0, dueAt - now()), 'sending what came before');
      return true;
    } catch (error) {
      if (error instanceof DeadlineError) return false;
      throw error;
    }
  }

  /** In one turn, so that nothing passes in between. Returns whether nothing is missing. */
  #goLive({ session, subscription, roomId }: RoomSubscription, hold: HeldSubscription, recovery: Recovery): boolean {
    const { subscriptions, tails, partitionOf, metrics } = this.#options;
    const isRecovered = recovery.isRecovered && hold.end === null;
    const [first, ...others] = hold.release();
    const waited = first === undefined ? [] : [withPrev(first, recovery), ...others];
    const messages = isRecovered ? [...recovery.messages, ...waited] : waited;
    for (const message of messages) deliver(session, subscription, outboundOf(message));
    metrics.deliveries.inc({ topic: 'chat-messages' }, messages.length);
    if (isRecovered && recovery.tail !== null) tails.learn(partitionOf(roomId), roomId, recovery.tail);
    subscriptions.add(session, subscription);
    return isRecovered;
  }

  #outcome(isRecovered: boolean): Outcome {
    this.#options.metrics.resumes.inc({ recovered: String(isRecovered) });
    return { recovered: String(isRecovered) };
  }
}

/** The first message that waited follows the last one before the barrier, where nobody knew that one before. */
function withPrev(message: RoomMessage, { tail }: Recovery): RoomMessage {
  return message.prev === null && tail !== null ? { ...message, prev: tail.messageId } : message;
}
