import type { MessageStatus } from '@chat/dto';
import type { RoomReceipts, Tick, TimelineMessage } from '../api.ts';

const RANK: Readonly<Record<MessageStatus, number>> = { SENT: 0, PERSISTED: 1, DELIVERED: 2, READ: 3 };

/**
 * Ticks of one's own messages among those that are shown, by the one rule of docs/stomp.md: what was told of a message holds at
 * least for all one's own before it in the room. A message that is shown is SENT at least.
 */
export function ticksOf(
  messages: readonly Pick<TimelineMessage, 'id' | 'senderId'>[],
  { byMessage }: RoomReceipts,
  ownUserId: number | null,
): ReadonlyMap<number, Tick> {
  const ticks = new Map<number, Tick>();
  let reached: Tick = 'SENT';
  for (const { id, senderId } of messages.toReversed()) {
    if (senderId !== ownUserId) continue;
    const told = byMessage.get(id)?.status;
    if (told !== undefined && RANK[told] > RANK[reached]) reached = told;
    ticks.set(id, reached);
  }
  return ticks;
}
