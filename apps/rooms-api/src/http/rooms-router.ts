import type { Router } from 'express';
import { countUnread } from '../history/count-unread.ts';
import { archiveRoom } from '../rooms/archive-room.ts';
import type { RoomsContext } from '../rooms/change-room.ts';
import { createRoom } from '../rooms/create-room.ts';
import { getRoom } from '../rooms/get-room.ts';
import { joinRoom } from '../rooms/join-room.ts';
import { openDirectRoom } from '../rooms/open-direct-room.ts';
import { roomDtoOf, roomOfUserDtoOf } from '../rooms/room-dto.ts';
import { updateRoom } from '../rooms/update-room.ts';
import { PUBLIC_OPERATIONS } from '../openapi/public-operations.ts';
import type { Authentication } from './caller.ts';
import { endpoint } from './endpoint.ts';
import { readBody, readRoomId, readUserId } from './input.ts';
import { pageLinks, pageOf, parsePage } from './pagination.ts';
import { created, NO_CONTENT, ok } from './reply.ts';
import { ROOMS_PATH } from './paths.ts';
import { serveOperations } from './serve-operations.ts';

const OPERATIONS = PUBLIC_OPERATIONS.rooms;

/** `/api/v1/chat/chat-rooms`: lists, joining, one room. Fixed words come before `/:id`. */
export function createRoomsRouter(context: RoomsContext, { callerOf }: Authentication): Router {
  const { rooms, roomsOfUser, unread } = context.database.repositories;

  const list = endpoint(async (request) => {
    const wanted = parsePage(request.query);
    const { items, totalCount } = await rooms.listPublicRooms(wanted);
    const page = pageOf(items.map(roomDtoOf), wanted, totalCount);
    return ok(page, { link: pageLinks(ROOMS_PATH, page) });
  });

  const create = endpoint(async (request) => {
    const room = await createRoom(context, callerOf(request).userId, readBody(request, OPERATIONS.createRoom.body));
    return created(roomDtoOf(room), `${ROOMS_PATH}/${room.id}`);
  });

  const listOwn = endpoint(async (request) => {
    const wanted = parsePage(request.query);
    const { items, totalCount } = await roomsOfUser.listRoomsOf(callerOf(request).userId, wanted);
    const page = pageOf(items.map(roomOfUserDtoOf), wanted, totalCount);
    return ok(page, { link: pageLinks(`${ROOMS_PATH}/user`, page) });
  });

  const listUnread = endpoint(async (request) => ok(await countUnread({ unread }, callerOf(request).userId)));

  const join = endpoint(async (request, signal) =>
    ok(roomDtoOf(await joinRoom({ ...context, signal }, callerOf(request).userId, readRoomId(request)))),
  );

  const openDirect = endpoint(async (request) => {
    const { room, isNew } = await openDirectRoom(context, callerOf(request).userId, readUserId(request));
    return isNew ? created(roomDtoOf(room), `${ROOMS_PATH}/${room.id}`) : ok(roomDtoOf(room));
  });

  const get = endpoint(async (request) =>
    ok(roomDtoOf(await getRoom(context, callerOf(request).userId, readRoomId(request)))),
  );

  const update = endpoint(async (request, signal) => {
    const roomId = readRoomId(request);
    const change = readBody(request, OPERATIONS.updateRoom.body);
    return ok(roomDtoOf(await updateRoom({ ...context, signal }, callerOf(request).userId, roomId, change)));
  });

  const archive = endpoint(async (request, signal) => {
    await archiveRoom({ ...context, signal }, callerOf(request).userId, readRoomId(request));
    return NO_CONTENT;
  });

  return serveOperations(OPERATIONS, {
    listPublicRooms: list,
    createRoom: create,
    listOwnRooms: listOwn,
    countUnread: listUnread,
    joinRoom: join,
    openDirectRoom: openDirect,
    getRoom: get,
    updateRoom: update,
    archiveRoom: archive,
  });
}
