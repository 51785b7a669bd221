import type { Router } from 'express';
import type { RoomsContext } from '../rooms/change-room.ts';
import { declineInvitation, listOwnInvitations } from '../rooms/own-invitations.ts';
import { PUBLIC_OPERATIONS } from '../openapi/public-operations.ts';
import type { Authentication } from './caller.ts';
import { endpoint } from './endpoint.ts';
import { readRoomId } from './input.ts';
import { NO_CONTENT, ok } from './reply.ts';
import { serveOperations } from './serve-operations.ts';

const OPERATIONS = PUBLIC_OPERATIONS.invitations;

/** `…/invitations[/{roomId}]`: the caller's own. Before the rooms, for whose id the word would be taken. */
export function createInvitationsRouter(context: RoomsContext, { callerOf }: Authentication): Router {
  const list = endpoint(async (request) => ok({ items: await listOwnInvitations(context, callerOf(request).userId) }));

  const decline = endpoint(async (request) => {
    await declineInvitation(context, callerOf(request).userId, readRoomId(request, 'roomId'));
    return NO_CONTENT;
  });

  return serveOperations(OPERATIONS, { listOwnInvitations: list, declineInvitation: decline });
}
