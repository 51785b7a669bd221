import type { RoomId } from '@chat/dto';
import type { RoomMembers, RoomWatch } from './room-watch.ts';

/** Reads the members of the rooms to watch; whoever subscribes while they are being read waits for the same answer. */
export class WatchedRooms {
  readonly #watch: RoomWatch;
  readonly #loadMembers: (roomId: RoomId) => Promise<RoomMembers>;
  readonly #loading = new Map<RoomId, Promise<void>>();

  constructor(watch: RoomWatch, loadMembers: (roomId: RoomId) => Promise<RoomMembers>) {
    this.#watch = watch;
    this.#loadMembers = loadMembers;
  }

  /** Counts a presence subscription in; resolves once the room's members are known. One that rejects is not counted. */
  async hold(roomId: RoomId): Promise<void> {
    if (this.#watch.hold(roomId)) this.#loading.set(roomId, this.#load(roomId));
    try {
      await this.#loading.get(roomId);
    } catch (error) {
      this.#watch.release(roomId);
      throw error;
    }
  }

  release(roomId: RoomId): void {
    this.#watch.release(roomId);
  }

  async #load(roomId: RoomId): Promise<void> {
    try {
      this.#watch.loaded(roomId, await this.#loadMembers(roomId));
    } finally {
      this.#loading.delete(roomId);
    }
  }
}
