import type { RoomId, TypingDTO, UserId } from '@chat/dto';
import type { TypingChannels, TypingSignal } from '@chat/redis';
import { Ticks, type Service } from '@chat/service-kit';
import { typingDestination } from '../broker/destinations.ts';
import { fanOut, type OutboundMessage } from '../broker/fan-out.ts';
import type { LiveSession } from '../broker/live-session.ts';
import type { Subscription } from '../broker/requests.ts';
import { SubscriberGroups } from '../broker/subscriber-groups.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import { TYPING_LIMITS, TYPING_TICK_MS } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { TypingState, type TypingEffect } from './typing-state.ts';

const UTF8 = new TextEncoder();

export interface RoomTypingOptions {
  readonly subscriptions: SubscriptionRegistry;
  /** To and from the other instances. */
  readonly channels: Pick<TypingChannels, 'open' | 'close' | 'publish'>;
  readonly metrics: GatewayMetrics;
  /** In ms, of a clock that never goes back. */
  readonly now: () => number;
}

type TypingSession = Pick<LiveSession, 'userId' | 'sessionId'>;

/**
 * Typing on this instance: takes in what sessions here and other instances say, tells the subscribers here and the other
 * instances. Nothing of it is kept, and a slow client may miss any of it.
 */
export class RoomTyping implements Service {
  readonly name = 'typing';
  readonly #options: RoomTypingOptions;
  readonly #state = new TypingState(TYPING_LIMITS);
  /** While somebody types. */
  readonly #ticks = new Ticks(TYPING_TICK_MS, () => this.#tick());
  #frameCount = 0;

  constructor(options: RoomTypingOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#ticks.stop();
    return Promise.resolve();
  }

  /** A member says that he types in the room, or that he does so no longer. */
  said({ userId, sessionId }: TypingSession, roomId: RoomId, isTyping: boolean): void {
    const place = { roomId, userId, sessionId };
    this.#run(isTyping ? this.#state.say(place, this.#now()) : this.#state.stop(place, this.#now()));
  }

  /** What the user typed is on its way to the room as a message, or the user is no member any more: no session types. */
  cleared(roomId: RoomId, userId: UserId): void {
    this.#run(this.#state.clear(roomId, userId, this.#now()));
  }

  /** The session left the room. */
  left({ userId, sessionId }: TypingSession, roomId: RoomId): void {
    this.#run(this.#state.stop({ roomId, userId, sessionId }, this.#now()));
  }

  /** The session is over. */
  ended({ userId, sessionId }: TypingSession): void {
    this.#run(this.#state.end(userId, sessionId, this.#now()));
  }

  /** What another instance says. */
  heard(roomId: RoomId, { userId, sessionId, lifeMs }: TypingSignal): void {
    const now = this.#now();
    if (sessionId === null) this.#run(this.#state.hearCleared(roomId, userId, now));
    else this.#run(this.#state.hear({ roomId, userId, sessionId }, lifeMs, now));
  }

  /** Live from here on, beginning with who types now. */
  subscribe(session: LiveSession, subscription: Subscription, roomId: RoomId): void {
    const { subscriptions, channels } = this.#options;
    if (subscriptions.ofTyping(roomId) === undefined) {
      this.#state.listen(roomId);
      channels.open(roomId);
    }
    subscriptions.add(session, subscription);
    const typing = this.#state.whoTypes(roomId);
    if (typing === null) return;
    const alone = new SubscriberGroups();
    alone.add(session, subscription);
    this.#fanOut(alone, typing);
  }

  unsubscribe(session: LiveSession, subscription: Subscription, roomId: RoomId): void {
    const { subscriptions, channels } = this.#options;
    const wasLive = subscriptions.remove(session, subscription);
    if (!wasLive || subscriptions.ofTyping(roomId) !== undefined) return;
    this.#state.unlisten(roomId);
    channels.close(roomId);
  }

  #now(): number {
    return this.#options.now();
  }

  #run(effects: readonly TypingEffect[]): void {
    for (const effect of effects) {
      if (effect.do === 'tell') this.#tell(effect.typing);
      else this.#options.channels.publish(effect.roomId, effect);
    }
    if (this.#state.isEmpty) this.#ticks.rest();
    else this.#ticks.run();
  }

  #tick(): void {
    this.#run(this.#state.advance(this.#now()));
  }

  #tell(typing: TypingDTO): void {
    const groups = this.#options.subscriptions.ofTyping(typing.roomId);
    if (groups !== undefined) this.#fanOut(groups, typing);
  }

  #fanOut(groups: SubscriberGroups, typing: TypingDTO): void {
    this.#options.metrics.deliveries.inc({ source: 'typing' }, fanOut(groups, this.#messageOf(typing)));
  }

  #messageOf(typing: TypingDTO): OutboundMessage {
    this.#frameCount += 1;
    return {
      destination: typingDestination(typing.roomId),
      messageId: `typing-${typing.roomId}-${this.#frameCount}`,
      body: UTF8.encode(JSON.stringify(typing)),
      isSheddable: true,
    };
  }
}
