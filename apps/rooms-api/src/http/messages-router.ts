import type { Repositories } from '@chat/database';
import { Router } from 'express';
import { listMessages } from '../history/list-messages.ts';
import type { Authentication } from './caller.ts';
import { endpoint, onlyMethods } from './endpoint.ts';
import { parseHistoryQuery } from './history-query.ts';
import { readRoomId } from './input.ts';
import { ok } from './reply.ts';

/** `…/{id}/messages`: the history. */
export function createMessagesRouter(
  stored: Pick<Repositories, 'memberships' | 'messages'>,
  { callerOf }: Authentication,
): Router {
  const router = Router();

  const list = endpoint(async (request) => {
    const roomId = readRoomId(request);
    return ok(await listMessages(stored, callerOf(request).userId, roomId, parseHistoryQuery(request.query)));
  });

  router.route('/:id/messages').get(list).all(onlyMethods('GET'));
  return router;
}
