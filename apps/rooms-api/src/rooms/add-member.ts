import type { Invitation, Member } from '@chat/database';
import type { AddMemberRequest, RoomId, UserId } from '@chat/dto';
import { changeRoom, type RoomChangeOutcome, type RoomChangeContext, type RoomUnderChange } from './change-room.ts';
import { readExpiry } from './expiry.ts';
import { requireSpace } from './join-room.ts';
import { additionOf, requirePermission } from './permissions.ts';
import { requireActive, requireNoBan } from './room-access.ts';

/** What came of it: a public room has a new member at once, a private one an invitation that joining uses up. */
export type Addition =
  | { readonly kind: 'ADDED'; readonly member: Member }
  | { readonly kind: 'ALREADY_MEMBER'; readonly member: Member }
  | { readonly kind: 'INVITED'; readonly invitation: Invitation };

/** Adds or invites a user. Somebody who is a member already stays what they are. Rejects with BANNED, ROOM_FULL, DIRECT_ROOM_FIXED. */
export function addMember(
  context: RoomChangeContext,
  callerId: UserId,
  roomId: RoomId,
  { userId, role, expiresAt }: AddMemberRequest,
): Promise<Addition> {
  return changeRoom(context, { roomId, callerId }, async (under): Promise<RoomChangeOutcome<Addition>> => {
    requirePermission(additionOf(role), under.role);
    requireActive(under.room);
    const member = await under.stored.members.findMember(roomId, userId);
    if (member !== null) return { value: { kind: 'ALREADY_MEMBER', member }, events: [] };
    requireNoBan(await under.stored.bans.findBan(roomId, userId, under.at));
    await requireSpace(under);
    const newcomer = { roomId, userId, role };
    if (under.room.visibility === 'PUBLIC') return add(under, newcomer);
    const expiry = readExpiry(expiresAt, under.at) ?? new Date(under.at.getTime() + context.invitationLifeMs);
    return invite(under, { ...newcomer, invitedBy: callerId, expiresAt: expiry });
  });
}

async function add(
  { room, stored, at }: RoomUnderChange,
  newcomer: Omit<Invitation, 'invitedBy' | 'expiresAt'>,
): Promise<RoomChangeOutcome<Addition>> {
  const version = await stored.rooms.raiseVersion(room.id);
  await stored.members.addMember({ ...newcomer, version }, at);
  const { userId, role } = newcomer;
  return {
    value: { kind: 'ADDED', member: { userId, role, joinedAt: at } },
    events: [{ event: 'MEMBER_ADDED', userId, role, version }],
  };
}

/** No event: an invitation changes no membership. */
async function invite({ stored, at }: RoomUnderChange, invitation: Invitation): Promise<RoomChangeOutcome<Addition>> {
  await stored.invitations.saveInvitation(invitation, at);
  return { value: { kind: 'INVITED', invitation }, events: [] };
}
