import type { Repositories } from '@chat/database';
import {
  isClientMessageId,
  parseRoomId,
  parseUserId,
  PRESENCE_BATCH_MAX_COUNT,
  type CommandDTO,
  type RevocationRequest,
  type UserId,
} from '@chat/dto';
import { invalidRequest, type Logger } from '@chat/service-kit';
import type { Express } from 'express';
import { eraseUser, type ErasureContext } from '../erasure/erase-user.ts';
import type { RoomsMetrics } from '../metrics.ts';
import { INTERNAL_OPERATIONS } from '../openapi/internal-operations.ts';
import { getLastSeen } from '../presence/get-last-seen.ts';
import { listRoomPresence } from '../presence/list-room-presence.ts';
import type { OnlineUsers } from '../presence/online-users.ts';
import { findStory, findStoryOfName, type StoryContext } from '../stories/find-story.ts';
import { createDocumentsRouter } from './documents-router.ts';
import { endpoint, nothingHere, problemHandler } from './endpoint.ts';
import { readBody, readMessageId, readQueryIds, readRoomId, readUserId } from './input.ts';
import { INTERNAL_PATH } from './paths.ts';
import { refuseChangesByPages } from './changes-by-pages.ts';
import { createServer } from './public-server.ts';
import { ok } from './reply.ts';
import { timeRequests } from './request-times.ts';
import { serveOperations } from './serve-operations.ts';

export interface InternalServerOptions {
  readonly stored: Repositories;
  readonly presence: OnlineUsers;
  readonly revoke: (request: RevocationRequest) => Promise<CommandDTO>;
  readonly stories: StoryContext;
  readonly erasure: Omit<ErasureContext, 'signal'>;
  /** Text of the OpenAPI document. */
  readonly document: string;
  readonly metrics: Pick<RoomsMetrics, 'requestSeconds'>;
  readonly logger: Logger;
}

/** What other services of the cluster may ask; it never hangs on the public listener, so it asks nobody who they are. */
export function createInternalServer(options: InternalServerOptions): Express {
  const { stored, presence, stories, revoke, erasure, document, metrics, logger } = options;
  const server = createServer();
  server.use(timeRequests(INTERNAL_PATH, metrics), refuseChangesByPages);

  const usersPresence = endpoint(async (request) => {
    const roomId = readRoomId(request);
    return ok(await listRoomPresence(stored, presence, roomId, parseUserIds(request.query['userIds'])));
  });

  const lastSeen = endpoint(async (request) => {
    const { chatRoomId, userId } = readQueryIds(request, { chatRoomId: parseRoomId, userId: parseUserId });
    return ok(await getLastSeen(stored.lastSeen, chatRoomId, userId));
  });

  const story = endpoint(async (request) => ok(await findStory(stories, readMessageId(request, 'id'))));
  const storyOfName = endpoint(async (request) => {
    const name = readQueryIds(request, {
      ...{ roomId: parseRoomId, senderId: parseUserId },
      clientMessageId: (text) => (isClientMessageId(text) ? text : null),
    });
    return ok(await findStoryOfName(stories, name));
  });

  const revocation = endpoint(async (request) => {
    return { status: 202, body: await revoke(readBody(request, INTERNAL_OPERATIONS.access.revoke.body)) };
  });
  const erase = endpoint(async (request, signal) => ok(await eraseUser({ ...erasure, signal }, readUserId(request))));

  server.use(
    INTERNAL_PATH,
    serveOperations(INTERNAL_OPERATIONS.presence, { listRoomPresence: usersPresence, getLastSeen: lastSeen }),
    serveOperations(INTERNAL_OPERATIONS.stories, { findStory: story, findStoryOfName: storyOfName }),
    serveOperations(INTERNAL_OPERATIONS.access, { revoke: revocation }),
    serveOperations(INTERNAL_OPERATIONS.erasures, { eraseUser: erase }),
  );
  server.use(createDocumentsRouter(document));
  server.use(nothingHere, problemHandler(logger));
  return server;
}

/** Comma-separated user ids, at most 200; null where the parameter is absent. */
export function parseUserIds(text: unknown): readonly UserId[] | null {
  if (text === undefined) return null;
  const ids = typeof text === 'string' ? text.split(',').map(parseUserId) : [null];
  const known = ids.filter((id) => id !== null);
  if (known.length === ids.length && ids.length <= PRESENCE_BATCH_MAX_COUNT) return known;
  throw invalidRequest({
    field: 'userIds',
    message: `must be 1 to ${PRESENCE_BATCH_MAX_COUNT} user ids, separated by commas`,
  });
}
