import type { RoomId } from '@chat/dto';

/**
 * Which rooms this instance holds: those that somebody here belongs to, and for a while those that somebody did, for who
 * comes back finds them as they were. Instants in ms of any clock that never goes back.
 */
export class RoomHolds {
  readonly #lingerMs: number;
  readonly #counts = new Map<RoomId, number>();
  /** Since when nobody needs it, in the order of that. */
  readonly #idleSince = new Map<RoomId, number>();

  constructor(lingerMs: number) {
    this.#lingerMs = lingerMs;
  }

  /** One more needs the room; whether it is held only from now on. */
  hold(roomId: RoomId): boolean {
    const count = this.#counts.get(roomId) ?? 0;
    this.#counts.set(roomId, count + 1);
    return !this.#idleSince.delete(roomId) && count === 0;
  }

  /** One less needs the room. */
  release(roomId: RoomId, now: number): void {
    const count = this.#counts.get(roomId);
    if (count === undefined) return;
    if (count > 1) return void this.#counts.set(roomId, count - 1);
    this.#counts.delete(roomId);
    this.#idleSince.set(roomId, now);
  }

  /** Those that nobody has needed for long; they are held no longer. */
  takeIdle(now: number): readonly RoomId[] {
    const idle: RoomId[] = [];
    for (const [roomId, since] of this.#idleSince) {
      if (now < since + this.#lingerMs) break;
      this.#idleSince.delete(roomId);
      idle.push(roomId);
    }
    return idle;
  }
}
