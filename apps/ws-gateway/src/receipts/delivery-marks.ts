import type { RoomId, UserId } from '@chat/dto';
import type { LiveSession } from '../broker/live-session.ts';
import type { Subscription } from '../broker/requests.ts';
import { MARK_AGAIN_MS } from '../limits.ts';

/** Up to which offset of its room's log a user has been delivered, without a gap from `unbrokenFrom` on. */
export interface DeliveryMark {
  readonly roomId: RoomId;
  readonly userId: UserId;
  readonly upTo: number;
  readonly unbrokenFrom: number;
}

/** What a subscription to a room has delivered, as far as it was told. */
interface Stream {
  readonly session: LiveSession;
  readonly subscription: Subscription;
  readonly roomId: RoomId;
  readonly unbrokenFrom: number;
  toldUpTo: number;
  /** When what was told first is told again: Infinity before it was told, null once it was told again. */
  againAt: number | null;
}

export interface DeliveryMarksOptions {
  /** Where the room's last message that was read here lies; undefined where that is forgotten. */
  readonly findTail: (roomId: RoomId) => number | undefined;
}

/**
 * How far the live subscriptions to rooms have come (DESIGN §5.7): in ack mode `auto` what was written to the socket, in the
 * client modes what lies before the first message that is not acknowledged. Nothing is noted for a delivery but its room: what
 * a subscription has got is known from where it went live and how far the room was read.
 */
export class DeliveryMarks {
  readonly #findTail: DeliveryMarksOptions['findTail'];
  readonly #streams = new Map<RoomId, Map<Subscription, Stream>>();
  readonly #changed = new Set<RoomId>();
  /** Those that have not come as far as their room, or are to be told again. */
  readonly #behind = new Set<Stream>();
  #ended: DeliveryMark[] = [];

  constructor({ findTail }: DeliveryMarksOptions) {
    this.#findTail = findTail;
  }

  /** Whether `collect` may have something to tell, now or later. */
  get isPending(): boolean {
    return this.#changed.size > 0 || this.#behind.size > 0 || this.#ended.length > 0;
  }

  /** The subscription is live, with everything from this offset on. */
  opened(session: LiveSession, subscription: Subscription, room: { roomId: RoomId; unbrokenFrom: number }): void {
    const { roomId, unbrokenFrom } = room;
    const streams = this.#streams.get(roomId) ?? new Map<Subscription, Stream>();
    const place = { session, subscription, roomId, unbrokenFrom };
    const stream = { ...place, toldUpTo: unbrokenFrom - 1, againAt: Infinity };
    this.#streams.set(roomId, streams.set(subscription, stream));
    this.#behind.add(stream);
  }

  /** It is gone; what it has delivered by now is told with the next. */
  closed(subscription: Subscription, roomId: RoomId): void {
    const streams = this.#streams.get(roomId);
    const stream = streams?.get(subscription);
    if (streams === undefined || stream === undefined) return;
    const upTo = this.#deliveredUpTo(stream);
    if (upTo > stream.toldUpTo) this.#ended.push(markOf(stream, upTo));
    this.#behind.delete(stream);
    streams.delete(subscription);
    if (streams.size === 0) this.#streams.delete(roomId);
  }

  /** A message of the room was handed to its subscribers. */
  changed(roomId: RoomId): void {
    this.#changed.add(roomId);
  }

  /** Marks that have risen since the last call, or are due to be told again. `now` in monotonic ms. */
  collect(now: number): readonly DeliveryMark[] {
    const marks = this.#ended;
    this.#ended = [];
    const looked = new Set(this.#behind);
    for (const roomId of this.#changed)
      for (const stream of this.#streams.get(roomId)?.values() ?? []) looked.add(stream);
    this.#changed.clear();
    for (const stream of looked) {
      const upTo = this.#look(stream, now);
      if (upTo !== null) marks.push(markOf(stream, upTo));
    }
    return marks;
  }

  /** What is to be told of it; null where that is nothing. */
  #look(stream: Stream, now: number): number | null {
    const upTo = this.#deliveredUpTo(stream);
    const hasRisen = upTo > stream.toldUpTo;
    const isDue = stream.againAt !== null && now >= stream.againAt;
    if (hasRisen && stream.againAt === Infinity) stream.againAt = now + MARK_AGAIN_MS;
    if (isDue) stream.againAt = null;
    stream.toldUpTo = Math.max(upTo, stream.toldUpTo);
    const isBehind = upTo < (this.#findTail(stream.roomId) ?? -1);
    const isToBeTold = stream.againAt !== null && stream.againAt !== Infinity;
    if (isBehind || isToBeTold) this.#behind.add(stream);
    else this.#behind.delete(stream);
    return hasRisen || isDue ? stream.toldUpTo : null;
  }

  /** Bytes that wait for the client may hold any of its messages, so that nothing more is delivered until they are gone. */
  #deliveredUpTo({ session, subscription, roomId, toldUpTo }: Stream): number {
    const tail = this.#findTail(roomId);
    if (tail === undefined || session.receiver.outboundBytes > 0) return toldUpTo;
    return Math.min(tail, (subscription.unacknowledged?.acknowledgedBefore ?? Infinity) - 1);
  }
}

function markOf({ session, roomId, unbrokenFrom }: Stream, upTo: number): DeliveryMark {
  return { roomId, userId: session.userId, upTo, unbrokenFrom };
}
