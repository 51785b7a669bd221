import type { RoomId } from '@chat/dto';

/**
 * The rooms whose tab one session has open: entered by a subscription to the room, exited by the exit destination or
 * the last such UNSUBSCRIBE. The active room is the one entered last.
 */
export class OpenRooms {
  /** Rooms in the order they were entered, with the count of their subscriptions. */
  readonly #subscriptionCounts = new Map<RoomId, number>();
  readonly #exited = new Set<RoomId>();

  get activeRoomId(): RoomId | null {
    let last: RoomId | null = null;
    for (const roomId of this.#subscriptionCounts.keys()) if (!this.#exited.has(roomId)) last = roomId;
    return last;
  }

  has(roomId: RoomId): boolean {
    return this.#subscriptionCounts.has(roomId) && !this.#exited.has(roomId);
  }

  /** Rooms that are open now. */
  list(): RoomId[] {
    return [...this.#subscriptionCounts.keys()].filter((roomId) => !this.#exited.has(roomId));
  }

  enter(roomId: RoomId): void {
    const count = this.#subscriptionCounts.get(roomId) ?? 0;
    this.#subscriptionCounts.delete(roomId); // entered last: to the end of the order
    this.#subscriptionCounts.set(roomId, count + 1);
    this.#exited.delete(roomId);
  }

  /** A subscription ended; true when that closed the room's tab. */
  unsubscribe(roomId: RoomId): boolean {
    const count = this.#subscriptionCounts.get(roomId) ?? 0;
    if (count > 1) {
      this.#subscriptionCounts.set(roomId, count - 1);
      return false;
    }
    this.#subscriptionCounts.delete(roomId);
    return !this.#exited.delete(roomId) && count === 1;
  }

  /** The user left the tab while the subscription may go on. */
  exit(roomId: RoomId): void {
    if (this.#subscriptionCounts.has(roomId)) this.#exited.add(roomId);
  }
}
