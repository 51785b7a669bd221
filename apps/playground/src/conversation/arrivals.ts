import type { TimelineMessage, TimelineState } from '@chat/client';

/** What a change of a timeline has brought behind what was there. */
export interface Arrivals {
  readonly messages: readonly TimelineMessage[];
  /** They were missed, and came once the connection was back. */
  readonly areRecovered: boolean;
}

/** The messages behind the last one that was shown before; older ones, which come in front, are none. */
export function arrivalsOf(
  before: Pick<TimelineState, 'messages' | 'room'>,
  after: Pick<TimelineState, 'messages' | 'room'>,
): Arrivals {
  const lastId = before.messages.at(-1)?.id;
  const at = after.messages.findLastIndex(({ id }) => id === lastId);
  return { messages: after.messages.slice(at + 1), areRecovered: before.room.name === 'recovering' };
}
