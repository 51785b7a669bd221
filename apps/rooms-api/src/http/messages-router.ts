import type { Repositories } from '@chat/database';
import type { Router } from 'express';
import type { HistoryMarks } from '../history/history-marks.ts';
import { listMessages } from '../history/list-messages.ts';
import { getMessageStatus } from '../history/message-status.ts';
import { PUBLIC_OPERATIONS } from '../openapi/public-operations.ts';
import type { Authentication } from './caller.ts';
import { endpoint } from './endpoint.ts';
import { parseHistoryQuery } from './history-query.ts';
import { readMessageId, readRoomId } from './input.ts';
import { ok } from './reply.ts';
import { serveOperations } from './serve-operations.ts';

const OPERATIONS = PUBLIC_OPERATIONS.messages;

/** `…/{id}/messages`: the history, and what became of a message. */
export function createMessagesRouter(
  stored: Pick<Repositories, 'memberships' | 'messages' | 'receiptMarks'>,
  marks: Pick<HistoryMarks, 'delivered'>,
  { callerOf }: Authentication,
): Router {
  const list = endpoint(async (request) => {
    const [roomId, { userId }] = [readRoomId(request), callerOf(request)];
    const { page, delivery } = await listMessages(stored, userId, roomId, parseHistoryQuery(request.query));
    return delivery === null || request.method !== 'GET' // HEAD is answered here too, without the page
      ? ok(page)
      : { ...ok(page), whenSent: () => void marks.delivered(roomId, userId, delivery) };
  });

  const status = endpoint(async (request) => {
    const { userId } = callerOf(request);
    return ok(await getMessageStatus(stored, userId, readRoomId(request), readMessageId(request)));
  });

  return serveOperations(OPERATIONS, { listMessages: list, getMessageStatus: status });
}
