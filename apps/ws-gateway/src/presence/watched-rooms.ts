import type { RoomId } from '@chat/dto';
import type { KnownPresence } from './known-presence.ts';
import type { RoomMembers, RoomWatch } from './room-watch.ts';

export interface WatchedRoomsOptions {
  readonly watch: RoomWatch;
  readonly known: Pick<KnownPresence, 'read' | 'forget'>;
  readonly loadMembers: (roomId: RoomId) => Promise<RoomMembers>;
}

/** Reads the members of the rooms to watch and their presence; whoever subscribes meanwhile waits for the same answer. */
export class WatchedRooms {
  readonly #options: WatchedRoomsOptions;
  readonly #loading = new Map<RoomId, Promise<void>>();

  constructor(options: WatchedRoomsOptions) {
    this.#options = options;
  }

  /** Counts a presence subscription in; resolves once the room's members are known. One that rejects is not counted. */
  async hold(roomId: RoomId): Promise<void> {
    if (this.#options.watch.hold(roomId)) this.#loading.set(roomId, this.#load(roomId));
    await this.#loading.get(roomId);
  }

  /** False for the last. */
  release(roomId: RoomId): boolean {
    const isHeld = this.#options.watch.release(roomId);
    if (!isHeld) this.#options.known.forget(roomId);
    return isHeld;
  }

  async #load(roomId: RoomId): Promise<void> {
    const { watch, known, loadMembers } = this.#options;
    try {
      watch.loaded(roomId, await loadMembers(roomId));
      await known.read(roomId);
    } catch (error) {
      watch.forget(roomId); // in the turn that ends the load, so that nobody joins those who are refused
      known.forget(roomId);
      throw error;
    } finally {
      this.#loading.delete(roomId);
    }
  }
}
