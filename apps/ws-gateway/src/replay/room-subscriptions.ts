import type { RoomId } from '@chat/dto';
import { DeadlineError, withDeadline, type ChatError } from '@chat/service-kit';
import { deliver } from '../broker/fan-out.ts';
import type { LiveSession } from '../broker/live-session.ts';
import type { Outcome } from '../broker/outcome.ts';
import type { ReplayRequest } from '../broker/replay-request.ts';
import type { Subscription } from '../broker/requests.ts';
import { outboundOf, type RoomMessage } from '../broker/room-message.ts';
import type { RoomTail, RoomTails } from '../broker/room-tails.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { DeliveryMarks } from '../receipts/delivery-marks.ts';
import type { HeldSubscription } from './held-subscription.ts';
import type { HeldSubscriptions } from './held-subscriptions.ts';
import type { Recovery, RoomReplay } from './room-replay.ts';

export interface RoomSubscriptionsOptions {
  readonly subscriptions: SubscriptionRegistry;
  readonly held: HeldSubscriptions;
  readonly tails: RoomTails;
  readonly replay: RoomReplay;
  readonly marks: Pick<DeliveryMarks, 'opened' | 'closed'>;
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
   * Resolves when the subscription is live, with whether nothing is missing; with no where it was given up or closed
   * meanwhile. Rejects where it was taken from the client. From the call on nothing of the room passes it by.
   */
  open(room: RoomSubscription): Promise<Outcome> {
    const request = room.subscription.replay;
    if (request.kind === 'none') return this.#liveAtOnce(room, this.#readUpTo(room));
    const seen = this.#seenTail(room);
    return seen === undefined ? this.#resume(room, request) : this.#liveAtOnce(room, seen.offset);
  }

  /** The subscription is gone. */
  close(session: LiveSession, subscription: Subscription, roomId: RoomId): void {
    this.giveUp(subscription, roomId);
    this.#options.subscriptions.remove(session, subscription);
    this.#options.marks.closed(subscription, roomId);
  }

  /** From here on, an offset of the log of the room's partition, nothing is missing. */
  #add({ session, subscription, roomId }: RoomSubscription, unbrokenFrom: number): void {
    this.#options.subscriptions.add(session, subscription);
    this.#options.marks.opened(session, subscription, { roomId, unbrokenFrom });
  }

  /** Does not wait for what it missed any longer; with a refusal where it is taken from the client. Nothing to do where it is live. */
  giveUp(subscription: Subscription, roomId: RoomId, refusal: ChatError | null = null): void {
    this.#options.held.remove(roomId, subscription, refusal);
  }

  /** The last message that there is, where the client saw it: it misses nothing then. */
  #seenTail({ roomId, subscription }: RoomSubscription): RoomTail | undefined {
    const request = subscription.replay;
    if (request.kind !== 'since' || request.messageId === null) return undefined;
    const tail = this.#options.tails.find(this.#options.partitionOf(roomId), roomId);
    return tail?.messageId === String(request.messageId) ? tail : undefined;
  }

  #liveAtOnce(room: RoomSubscription, unbrokenFrom: number): Promise<Outcome> {
    this.#add(room, unbrokenFrom);
    return Promise.resolve(this.#live(room, true));
  }

  #readUpTo({ roomId }: RoomSubscription): number {
    return this.#options.readUpTo(this.#options.partitionOf(roomId));
  }

  async #resume(room: RoomSubscription, request: Exclude<ReplayRequest, { kind: 'none' }>): Promise<Outcome> {
    const { held, replay, partitionOf, readUpTo } = this.#options;
    const { roomId, subscription, dueAt } = room;
    const beganAt = this.#options.now();
    const since = request.kind === 'since' && request.messageId !== null ? String(request.messageId) : null;
    const partition = partitionOf(roomId);
    const hold = held.add(roomId, subscription, since);
    try {
      const task = { roomId, partition, barrier: readUpTo(partition), hold, dueAt };
      const recovery = await replay.recover(task, request);
      // checked again after each wait, in the turn that goes live: others may have waited for the same room
      let isLate = false;
      for (
        let taken = this.#backlogOf(room);
        taken !== null && hold.end === null && !isLate;
        taken = this.#backlogOf(room)
      ) {
        isLate = !(await this.#isTakenInTime(Promise.race([taken, hold.ended]), dueAt));
      }
      if (hold.refusal !== null) throw hold.refusal;
      if (hold.end === 'cancelled') return outcomeOf(false);
      const isRecovered = this.#goLive(room, hold, isLate ? { ...recovery, isRecovered: false } : recovery);
      this.#options.metrics.resumeSeconds.observe((this.#options.now() - beganAt) / 1_000);
      return this.#live(room, isRecovered);
    } finally {
      held.remove(roomId, subscription);
    }
  }

  /** Null where a replay on top of what waits for the client does not make it a slow one; else resolves when to look again. */
  #backlogOf({ session }: RoomSubscription): Promise<void> | null {
    return session.receiver.whenTaken(this.#options.maxBacklogBytes);
  }

  async #isTakenInTime(taken: Promise<void>, dueAt: number): Promise<boolean> {
    try {
      await withDeadline(taken, Math.max(0, dueAt - this.#options.now()), 'sending what came before');
      return true;
    } catch (error) {
      if (error instanceof DeadlineError) return false;
      throw error;
    }
  }

  /** In one turn, so that nothing passes in between. Returns whether nothing is missing. */
  #goLive(room: RoomSubscription, hold: HeldSubscription, recovery: Recovery): boolean {
    const { session, subscription, roomId } = room;
    const { tails, partitionOf, readUpTo, metrics } = this.#options;
    const isRecovered = recovery.isRecovered && hold.end === null;
    const [first, ...others] = hold.release(isRecovered ? recovery.waiting : 'all');
    const waited = first === undefined ? [] : [withPrev(first, recovery), ...others];
    const messages = isRecovered ? [...recovery.messages, ...waited] : waited;
    for (const message of messages) deliver(session, subscription, outboundOf(message));
    metrics.deliveries.inc({ source: 'chat-messages' }, messages.length);
    const partition = partitionOf(roomId);
    const { tail } = recovery;
    const isOfThisLog = tail !== null && tail.offset < readUpTo(partition); // else of one before: the rows go on over logs
    if (isRecovered && isOfThisLog) tails.learn(partition, roomId, tail);
    this.#add(room, isRecovered ? recovery.unbrokenFrom : (first?.offset ?? readUpTo(partition)));
    return isRecovered;
  }

  #live({ subscription }: RoomSubscription, isRecovered: boolean): Outcome {
    this.#options.metrics.resumes.inc({ asked: subscription.replay.kind, recovered: String(isRecovered) });
    return outcomeOf(isRecovered);
  }
}

function outcomeOf(isRecovered: boolean): Outcome {
  return { recovered: String(isRecovered) };
}

/** The first message that waited follows the last one before the barrier, where nobody knew that one before. */
function withPrev(message: RoomMessage, { tail }: Recovery): RoomMessage {
  return message.prev === null && tail !== null ? { ...message, prev: tail.messageId } : message;
}
