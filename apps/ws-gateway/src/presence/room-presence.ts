import type { PresenceEventDTO, RoomId, RoomPresenceDTO } from '@chat/dto';
import { ChatError, Ticks, withDeadline, type Service } from '@chat/service-kit';
import { presenceDestination } from '../broker/destinations.ts';
import { deliver, fanOut, type OutboundMessage } from '../broker/fan-out.ts';
import type { LiveSession } from '../broker/live-session.ts';
import type { Subscription } from '../broker/requests.ts';
import { SubscriberGroups } from '../broker/subscriber-groups.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import { PRESENCE_LIST_MS, PRESENCE_PREPARE_MS, PRESENCE_TICK_MS } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { KnownPresence } from './known-presence.ts';
import { PresenceWindows, type PresenceEffect, type PresenceLimits } from './presence-windows.ts';
import type { RoomChange, RoomWatch } from './room-watch.ts';
import type { WatchedRooms } from './watched-rooms.ts';

const UTF8 = new TextEncoder();

export interface RoomPresenceOptions {
  readonly subscriptions: SubscriptionRegistry;
  readonly watch: RoomWatch;
  readonly rooms: WatchedRooms;
  readonly known: KnownPresence;
  readonly limits: PresenceLimits;
  /** Bytes that may wait for a client before a state is sent on top of them. */
  readonly maxBacklogBytes: number;
  readonly metrics: GatewayMetrics;
  /** In ms, of a clock that never goes back. */
  readonly now: () => number;
}

/** A subscriber who missed something, and when the state is tried next. */
interface Behind {
  readonly session: LiveSession;
  readonly roomId: RoomId;
  tryAt: number;
}

/**
 * Presence on this instance: the state of a room to who subscribes, then what changes, at the pace that the room allows. A
 * slow client may miss changes, and is told the state again once it takes it.
 */
export class RoomPresence implements Service {
  readonly name = 'presence';
  readonly #options: RoomPresenceOptions;
  readonly #windows: PresenceWindows;
  readonly #live = new Set<Subscription>();
  readonly #behind = new Map<Subscription, Behind>();
  /** While there is something to tell later. */
  readonly #ticks = new Ticks(PRESENCE_TICK_MS, () => this.#tick());
  #frameCount = 0;

  constructor(options: RoomPresenceOptions) {
    this.#options = options;
    this.#windows = new PresenceWindows(options.watch, options.limits);
    options.known.onNews({
      learned: (changes) => this.#note(changes),
      staleness: (roomIds) => this.#tellStaleness(roomIds),
    });
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#ticks.stop();
    return Promise.resolve();
  }

  /** A record of presence-messages. */
  apply(event: PresenceEventDTO): void {
    this.#note(this.#options.watch.apply(event));
  }

  /** Resolves once the state of the room is there to be told and the session takes it; then `open` or `release` must follow. */
  async prepare(session: LiveSession, roomId: RoomId): Promise<void> {
    const { rooms, now } = this.#options;
    const dueAt = now() + PRESENCE_PREPARE_MS;
    await rooms.hold(roomId);
    if (await this.#isTaken(session, dueAt)) return;
    this.release(roomId);
    throw new ChatError('UNAVAILABLE', { message: 'This client does not take what was sent before.' });
  }

  release(roomId: RoomId): void {
    if (!this.#options.rooms.release(roomId)) this.#windows.forget(roomId);
  }

  /** Live from here on, behind the state; resolves when all that the client asked for is sent, or it takes too long. */
  async open(session: LiveSession, subscription: Subscription, roomId: RoomId): Promise<void> {
    const { subscriptions, watch, limits, now } = this.#options;
    const dueAt = now() + PRESENCE_LIST_MS;
    const state = this.#windows.stateOf(roomId);
    const wantsAll = subscription.wantsAllUsers === true && state.isComplete !== true;
    const parts = wantsAll ? partsOf([...watch.onlineIn(roomId)], limits.maxUsersPerFrame) : [];
    this.#live.add(subscription);
    subscriptions.add(session, subscription);
    const [first = [], ...others] = parts;
    this.#deliver(session, subscription, wantsAll ? this.#partOf(state, first, others.length === 0) : state);
    for (const [at, part] of others.entries()) {
      if (!(await this.#isTaken(session, dueAt)) || !this.#live.has(subscription)) return;
      const changes = { ...state, kind: 'CHANGES', onlineCount: watch.onlineCountIn(roomId) } as const;
      this.#deliver(session, subscription, this.#partOf(changes, part, at === others.length - 1));
    }
  }

  unsubscribe(session: LiveSession, subscription: Subscription, roomId: RoomId): void {
    this.#options.subscriptions.remove(session, subscription);
    this.#behind.delete(subscription);
    if (this.#live.delete(subscription)) this.release(roomId);
  }

  #partOf(frame: RoomPresenceDTO, userIds: Parameters<PresenceWindows['usersOf']>[0], isLast: boolean) {
    return { ...frame, users: this.#windows.usersOf(userIds), ...(isLast && { isComplete: true as const }) };
  }

  async #isTaken({ receiver }: LiveSession, dueAt: number): Promise<boolean> {
    const { maxBacklogBytes, now } = this.#options;
    try {
      for (
        let taken = receiver.whenTaken(maxBacklogBytes);
        taken !== null;
        taken = receiver.whenTaken(maxBacklogBytes)
      ) {
        await withDeadline(taken, Math.max(0, dueAt - now()), 'sending what came before');
      }
      return true;
    } catch {
      return false;
    }
  }

  /** Whoever subscribes later has them in the state. */
  #note(changes: readonly RoomChange[]): void {
    const heard = changes.filter(({ roomId }) => this.#isHeard(roomId));
    this.#run(this.#windows.note(heard, this.#options.now()));
  }

  #tellStaleness(roomIds: Iterable<RoomId>): void {
    for (const roomId of roomIds) if (this.#isHeard(roomId)) this.#windows.noteNews(roomId, this.#options.now());
    this.#arm();
  }

  #isHeard(roomId: RoomId): boolean {
    return this.#options.subscriptions.ofPresence(roomId) !== undefined;
  }

  #run(effects: readonly PresenceEffect[]): void {
    for (const effect of effects) {
      if (effect.do === 'tell-room') this.#tell(effect.presence.roomId, this.#roomMessage(effect.presence));
      else this.#tell(effect.roomId, this.#message(effect.roomId, effect.change));
    }
    this.#arm();
  }

  #arm(): void {
    if (this.#windows.isEmpty && this.#behind.size === 0) this.#ticks.rest();
    else this.#ticks.run();
  }

  #tick(): void {
    const now = this.#options.now();
    for (const [subscription, behind] of this.#behind) if (now >= behind.tryAt) this.#tellAgain(subscription, behind);
    this.#run(this.#windows.advance(now));
  }

  #tell(roomId: RoomId, message: OutboundMessage): void {
    const groups = this.#options.subscriptions.ofPresence(roomId);
    if (groups !== undefined) this.#fanOut(groups, roomId, message);
  }

  /** The state to one who missed a change. */
  #tellAgain(subscription: Subscription, { session, roomId }: Behind): void {
    this.#behind.delete(subscription);
    const alone = new SubscriberGroups();
    alone.add(session, subscription);
    this.#fanOut(alone, roomId, this.#roomMessage(this.#windows.stateOf(roomId)));
    this.#windows.noteStateTold(roomId);
  }

  #fanOut(groups: SubscriberGroups, roomId: RoomId, message: OutboundMessage): void {
    const { limits, metrics, now } = this.#options;
    const missed = (session: LiveSession, subscription: Subscription) => {
      if (!this.#behind.has(subscription))
        this.#behind.set(subscription, { session, roomId, tryAt: now() + limits.intervalMs });
    };
    metrics.deliveries.inc({ source: 'presence-messages' }, fanOut(groups, message, { missed }));
  }

  #deliver(session: LiveSession, subscription: Subscription, presence: RoomPresenceDTO): void {
    deliver(session, subscription, this.#roomMessage(presence));
    this.#windows.noteStateTold(presence.roomId);
    this.#options.metrics.deliveries.inc({ source: 'presence-messages' }, 1);
  }

  #roomMessage(presence: RoomPresenceDTO): OutboundMessage {
    const { roomId } = presence;
    const isStale = this.#options.known.isStale(roomId);
    return this.#message(roomId, isStale ? { ...presence, isStale } : presence);
  }

  #message(roomId: RoomId, body: object): OutboundMessage {
    this.#frameCount += 1;
    return {
      destination: presenceDestination(roomId),
      messageId: `presence-${roomId}-${this.#frameCount}`,
      body: UTF8.encode(JSON.stringify(body)),
      isSheddable: true,
    };
  }
}

function partsOf<Value>(values: readonly Value[], size: number): readonly (readonly Value[])[] {
  const count = Math.ceil(values.length / size);
  return Array.from({ length: count }, (_, at) => values.slice(at * size, (at + 1) * size));
}
