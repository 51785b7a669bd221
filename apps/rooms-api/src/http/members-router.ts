import { fallbackUsername, type RoomMemberDTO } from '@chat/dto';
import type { Member } from '@chat/database';
import type { Router } from 'express';
import { findOnline, type OnlineUsers } from '../presence/online-users.ts';
import { addMember, type Addition } from '../rooms/add-member.ts';
import { changeRole } from '../rooms/change-role.ts';
import type { RoomsContext } from '../rooms/change-room.ts';
import { listMembers } from '../rooms/list-members.ts';
import { removeMember } from '../rooms/remove-member.ts';
import { invitationDtoOf, memberDtoOf } from '../rooms/room-dto.ts';
import { PUBLIC_OPERATIONS } from '../openapi/public-operations.ts';
import type { Authentication } from './caller.ts';
import { endpoint } from './endpoint.ts';
import { readBody, readRoomId, readUserId } from './input.ts';
import { ROOMS_PATH } from './paths.ts';
import { created, NO_CONTENT, ok, type Reply } from './reply.ts';
import { serveOperations } from './serve-operations.ts';

/** On answers whose `isOnline` is unknown, because Redis does not answer. */
const STALE_PRESENCE = { 'x-presence': 'stale' };

const OPERATIONS = PUBLIC_OPERATIONS.members;

/** `…/{id}/members`: list, add or invite, leave or remove, roles. */
export function createMembersRouter(
  context: RoomsContext,
  presence: OnlineUsers,
  { callerOf }: Authentication,
): Router {
  const dtoOf = async (member: Member): Promise<RoomMemberDTO> => {
    const ids = [member.userId];
    const [usernames, online] = await Promise.all([
      context.database.repositories.users.usernamesOf(ids),
      findOnline(presence, ids),
    ]);
    const username = usernames.get(member.userId) ?? fallbackUsername(member.userId);
    return memberDtoOf(member, username, online?.has(member.userId) ?? false);
  };

  const replyOf = async (addition: Addition, path: string): Promise<Reply> => {
    if (addition.kind === 'INVITED') return { status: 202, body: invitationDtoOf(addition.invitation) };
    const body = await dtoOf(addition.member);
    return addition.kind === 'ADDED' ? created(body, `${path}/${body.userId}`) : ok(body);
  };

  const list = endpoint(async (request) => {
    const { items, isPresenceKnown } = await listMembers(
      context,
      presence,
      callerOf(request).userId,
      readRoomId(request),
    );
    return ok({ items }, isPresenceKnown ? {} : STALE_PRESENCE);
  });

  const add = endpoint(async (request, signal) => {
    const roomId = readRoomId(request);
    const newcomer = readBody(request, OPERATIONS.addMember.body);
    const addition = await addMember({ ...context, signal }, callerOf(request).userId, roomId, newcomer);
    return replyOf(addition, `${ROOMS_PATH}/${roomId}/members`);
  });

  const change = endpoint(async (request, signal) => {
    const [roomId, userId] = [readRoomId(request), readUserId(request)];
    const { role } = readBody(request, OPERATIONS.changeRole.body);
    return ok(
      await dtoOf(await changeRole({ ...context, signal }, callerOf(request).userId, roomId, { userId, role })),
    );
  });

  const remove = endpoint(async (request, signal) => {
    await removeMember({ ...context, signal }, callerOf(request).userId, readRoomId(request), readUserId(request));
    return NO_CONTENT;
  });

  return serveOperations(OPERATIONS, { listMembers: list, addMember: add, changeRole: change, removeMember: remove });
}
