import type { RoomBanDTO, RoomId, UserId } from '@chat/dto';
import { BANS_MAX_COUNT } from '../limits.ts';
import type { RoomsContext } from './change-room.ts';
import { requirePermission } from './permissions.ts';
import { getStanding } from './room-access.ts';
import { banDtoOf } from './room-dto.ts';

/** The bans of a room, newest first, to who may ban. */
export async function listBans(
  { database, clock }: RoomsContext,
  callerId: UserId,
  roomId: RoomId,
): Promise<readonly RoomBanDTO[]> {
  const { role } = await getStanding(database.repositories, roomId, callerId);
  requirePermission('BAN_MEMBER', role);
  const bans = await database.repositories.bans.listBans(roomId, new Date(clock.now()), BANS_MAX_COUNT);
  return bans.map(banDtoOf);
}
