import type { MessageId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import type { TickInterval } from '../repositories/instance-number-repository.ts';
import { composeMessageId, SEQUENCE_COUNT, tickOf } from './layout.ts';

/**
 * Makes message ids. Each is above the last one, whatever the clock does, and inside the interval of the instance number:
 * so no two generators make the same, though no clock can be trusted.
 */
export class MessageIdGenerator {
  #interval: TickInterval | null = null;
  #lastTick = -1;
  #lastSequence = SEQUENCE_COUNT - 1;

  /** The interval in use, or null before the first. */
  get interval(): TickInterval | null {
    return this.#interval;
  }

  /** The first tick of which no id was made: where the next holder of the number may begin. */
  get unusedFrom(): number {
    return Math.max(this.#lastTick + 1, this.#interval?.from ?? 0);
  }

  /** Goes on with an interval: the same number with a later end, or another number from above the last id on. */
  use(interval: TickInterval): void {
    const isSameNumber = interval.number === this.#interval?.number;
    const from = isSameNumber ? interval.from : Math.max(interval.from, this.#lastTick + 1);
    this.#interval = { ...interval, from };
  }

  /** Makes no more ids, so that the number can be given to another holder; answers the interval that was in use. */
  close(): TickInterval | null {
    const interval = this.#interval;
    this.#interval = null;
    return interval;
  }

  /** The next id at this time of Unix milliseconds. Throws UNAVAILABLE without an interval or past its end. */
  next(nowMs: number): MessageId {
    if (this.#interval === null) throw new ChatError('UNAVAILABLE', { message: 'This instance cannot make ids yet.' });
    const { number, from, until } = this.#interval;
    const earliest = this.#lastSequence + 1 < SEQUENCE_COUNT ? this.#lastTick : this.#lastTick + 1;
    const tick = Math.max(tickOf(nowMs), from, earliest);
    if (tick >= until)
      throw new ChatError('UNAVAILABLE', { message: 'This instance cannot make ids until Postgres answers.' });
    this.#lastSequence = tick === this.#lastTick ? this.#lastSequence + 1 : 0;
    this.#lastTick = tick;
    return composeMessageId({ tick, number, sequence: this.#lastSequence });
  }
}
