import { Router } from 'express';
import type { RoomsContext } from '../rooms/change-room.ts';
import { declineInvitation, listOwnInvitations } from '../rooms/own-invitations.ts';
import type { Authentication } from './caller.ts';
import { endpoint, onlyMethods } from './endpoint.ts';
import { readRoomId } from './input.ts';
import { NO_CONTENT, ok } from './reply.ts';

/** `…/invitations[/{roomId}]`: the caller's own. Before the rooms, for whose id the word would be taken. */
export function createInvitationsRouter(context: RoomsContext, { callerOf }: Authentication): Router {
  const router = Router();

  const list = endpoint(async (request) => ok({ items: await listOwnInvitations(context, callerOf(request).userId) }));

  const decline = endpoint(async (request) => {
    await declineInvitation(context, callerOf(request).userId, readRoomId(request, 'roomId'));
    return NO_CONTENT;
  });

  router.route('/invitations').get(list).all(onlyMethods('GET'));
  router.route('/invitations/:roomId').delete(decline).all(onlyMethods('DELETE'));
  return router;
}
