import type { HeartbeatReplyDTO } from '@chat/dto';
import { instantOf, type Clock } from '@chat/service-kit';
import { HEARTBEAT_REPLY_DESTINATION } from '../broker/destinations.ts';
import { deliver } from '../broker/fan-out.ts';
import type { LiveSession } from '../broker/live-session.ts';

const UTF8 = new TextEncoder();

/** Use case of `/app/heartbeat`: a pong on the reply queue, for who listens to it. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #answered: () => void;
  #pongCount = 0;

  /** `answered` is called for each pong. */
  constructor(clock: Clock, answered: () => void) {
    this.#clock = clock;
    this.#answered = answered;
  }

  answer(session: LiveSession): void {
    const subscription = session.subscriptionTo('heartbeat-reply');
    if (subscription === undefined) return;
    this.#pongCount += 1;
    const pong: HeartbeatReplyDTO = { type: 'PONG', at: instantOf(this.#clock.now()) };
    this.#answered();
    deliver(session, subscription, {
      destination: HEARTBEAT_REPLY_DESTINATION,
      messageId: `pong-${this.#pongCount}`,
      body: UTF8.encode(JSON.stringify(pong)),
    });
  }
}
