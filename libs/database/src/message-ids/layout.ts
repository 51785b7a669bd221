import { asMessageId, type MessageId } from '@chat/dto';

/**
 * A message id is a positive 53-bit number: 37 bits of ticks of 10 ms since 2025, 9 bits of the instance number, 7 bits of a
 * sequence within the tick. It lasts until 2068, for 512 instances of 12,800 messages a second each.
 */
export const MESSAGE_ID_EPOCH_MS = Date.UTC(2025, 0, 1);
/** Length of a tick, in ms. */
export const TICK_MS = 10;
export const INSTANCE_NUMBER_COUNT = 512;
/** Ids of one instance within one tick. */
export const SEQUENCE_COUNT = 128;

export interface MessageIdParts {
  readonly tick: number;
  readonly number: number;
  readonly sequence: number;
}

/** The tick of an instant of Unix milliseconds. */
export function tickOf(unixMs: number): number {
  return Math.floor((unixMs - MESSAGE_ID_EPOCH_MS) / TICK_MS);
}

/** Multiplies instead of shifting: shifts of JavaScript end at 32 bits. */
export function composeMessageId({ tick, number, sequence }: MessageIdParts): MessageId {
  return asMessageId((tick * INSTANCE_NUMBER_COUNT + number) * SEQUENCE_COUNT + sequence);
}

export function messageIdParts(id: MessageId): MessageIdParts {
  const head = Math.floor(id / SEQUENCE_COUNT);
  return {
    tick: Math.floor(head / INSTANCE_NUMBER_COUNT),
    number: head % INSTANCE_NUMBER_COUNT,
    sequence: id % SEQUENCE_COUNT,
  };
}
