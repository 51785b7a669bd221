import type { EventOf } from './history-event.ts';

/** A message that every reader must see, at its place in the order of its room. */
export interface VisibleMessage {
  readonly room: number;
  /** From 0. */
  readonly place: number;
  readonly partition: number;
  readonly offset: number;
  readonly id: string;
  readonly sender: number;
  readonly clientKey: string | null;
  readonly eventKey: string | null;
}

/**
 * What the log says must be seen, room by room: records that count, without those that share a key with an earlier one that
 * is seen (DESIGN §5.2). The order is that of the offsets, whatever order the records were read in.
 */
export function visibleMessages(
  records: readonly Omit<EventOf<'record'>, 'at'>[],
): ReadonlyMap<number, readonly VisibleMessage[]> {
  const rooms = new Map<number, VisibleMessage[]>();
  const seen = new Set<string>();
  const inOrder = records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
  for (const { room, id, sender, refusal, partition, offset, clientKey, eventKey } of inOrder) {
    if (refusal !== null || room === null || id === null || sender === null) continue;
    const keys = [clientKey === null ? [] : `client ${clientKey}`, eventKey === null ? [] : `event ${eventKey}`].flat();
    if (keys.some((key) => seen.has(key))) continue;
    for (const key of keys) seen.add(key);
    const ofRoom = rooms.get(room) ?? [];
    rooms.set(room, ofRoom);
    ofRoom.push({ room, place: ofRoom.length, partition, offset, id, sender, clientKey, eventKey });
  }
  return rooms;
}
