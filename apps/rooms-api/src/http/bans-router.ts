import type { Router } from 'express';
import { banMember, liftBan } from '../rooms/ban-member.ts';
import type { RoomsContext } from '../rooms/change-room.ts';
import { listBans } from '../rooms/list-bans.ts';
import { banDtoOf } from '../rooms/room-dto.ts';
import { PUBLIC_OPERATIONS } from '../openapi/public-operations.ts';
import type { Authentication } from './caller.ts';
import { endpoint } from './endpoint.ts';
import { readBody, readRoomId, readUserId } from './input.ts';
import { ROOMS_PATH } from './paths.ts';
import { created, NO_CONTENT, ok } from './reply.ts';
import { serveOperations } from './serve-operations.ts';

const OPERATIONS = PUBLIC_OPERATIONS.bans;

/** `…/{id}/bans[/{userId}]`: who may not be in the room. */
export function createBansRouter(context: RoomsContext, { callerOf }: Authentication): Router {
  const list = endpoint(async (request) =>
    ok({ items: await listBans(context, callerOf(request).userId, readRoomId(request)) }),
  );

  const ban = endpoint(async (request, signal) => {
    const [roomId, userId] = [readRoomId(request), readUserId(request)];
    const wanted = { ...readBody(request, OPERATIONS.banUser.body), userId };
    const saved = await banMember({ ...context, signal }, callerOf(request).userId, roomId, wanted);
    const body = banDtoOf(saved.ban);
    return saved.isNew ? created(body, `${ROOMS_PATH}/${roomId}/bans/${userId}`) : ok(body);
  });

  const lift = endpoint(async (request, signal) => {
    await liftBan({ ...context, signal }, callerOf(request).userId, readRoomId(request), readUserId(request));
    return NO_CONTENT;
  });

  return serveOperations(OPERATIONS, { listBans: list, banUser: ban, liftBan: lift });
}
