import type { RoomEventDTO, RoomId, UserId } from '@chat/dto';
import { decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import type { MembershipIndex } from '../membership/membership-index.ts';
import type { MemberRemoval } from '../membership/removals.ts';
import type { RoomWatch } from '../presence/room-watch.ts';

export interface RoomEventsOptions {
  readonly memberships: MembershipIndex;
  readonly watch: RoomWatch;
  /** A user, of whichever instance, has become a member of the room. */
  readonly added: (roomId: RoomId, userId: UserId) => void;
  readonly removed: (removal: MemberRemoval) => void;
  readonly logger: Logger;
}

/** `room-events` → what this instance remembers of rooms and members. */
export class RoomEventsConsumer {
  readonly #options: RoomEventsOptions;

  constructor(options: RoomEventsOptions) {
    this.#options = options;
  }

  consume(records: readonly RawRecord[]): void {
    for (const record of records) {
      const decoded = decodeRecord('room-events', record.value);
      if (decoded.ok) this.#apply(decoded.value);
      else this.#options.logger.warn({ reason: decoded.reason }, 'a record of room-events was passed over');
    }
  }

  #apply(event: RoomEventDTO): void {
    const { memberships, watch, added, removed } = this.#options;
    watch.applyRoomEvent(event);
    const { event: what, roomId, userId, version } = event;
    if (what === 'MEMBER_REMOVED' && userId !== undefined) return removed({ roomId, userId, version });
    memberships.apply(event);
    if (what === 'MEMBER_ADDED' && userId !== undefined) added(roomId, userId);
  }
}
