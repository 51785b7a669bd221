import type { Member, RoomChange } from '@chat/database';
import type { RoomId, UserId } from '@chat/dto';
import {
  changeRoom,
  type RoomChangeContext,
  type RoomChangeOutcome,
  type RoomEventDraft,
  type RoomUnderChange,
} from '../rooms/change-room.ts';
import { handOver } from '../rooms/change-role.ts';
import { removeFromRoom } from '../rooms/remove-member.ts';

/** What is left of a room whose last member has gone: nobody else had a part in it. */
const EMPTY_ROOM = { status: 'ARCHIVED', name: 'Erased', description: '', metadata: {} } as const satisfies RoomChange;

/**
 * Takes a user whose data are erased out of a room, whatever they are there: an owner hands it over, first to the longest admin;
 * a room without anybody else, and a DIRECT one, is closed. Somebody who is no member: no change.
 */
export function leaveForGood(context: RoomChangeContext, userId: UserId, roomId: RoomId): Promise<boolean> {
  return changeRoom(context, { roomId, callerId: userId }, async (under): Promise<RoomChangeOutcome<boolean>> => {
    const member = await under.stored.members.findMember(roomId, userId);
    if (member === null) return { value: false, events: [] };
    const events = await settle(under, member);
    const removal = await removeFromRoom(under, member, { by: userId, cause: 'LEFT' });
    return { value: true, ...removal, events: [...events, ...removal.events] };
  });
}

/** What has to be so before the member may go. */
async function settle({ room, stored, ...under }: RoomUnderChange, member: Member): Promise<readonly RoomEventDraft[]> {
  const close = async (change: RoomChange): Promise<readonly RoomEventDraft[]> => {
    const { version } = await stored.rooms.saveRoom(room.id, change, under.at);
    return [{ event: 'ROOM_ARCHIVED', version }];
  };
  if (room.type === 'DIRECT') {
    await stored.erasures.forgetPair(room.id);
    return close({ status: 'ARCHIVED' });
  }
  if ((await stored.members.countMembers(room.id, 2)) === 1) return close(EMPTY_ROOM);
  if (member.role !== 'OWNER') return [];
  const heir = await stored.members.findHeir(room.id, member.userId);
  return heir === null ? close(EMPTY_ROOM) : handOver({ room, stored, ...under }, heir.userId);
}
