import type { Logger } from '@chat/service-kit';
import type { RateLimit } from '@chat/redis';
import express, { type Express, type Request } from 'express';
import helmet from 'helmet';
import type { HistoryMarks } from '../history/history-marks.ts';
import type { RoomsMetrics } from '../metrics.ts';
import type { OnlineUsers } from '../presence/online-users.ts';
import type { RoomsContext } from '../rooms/change-room.ts';
import type { Authentication } from './caller.ts';
import { createBansRouter } from './bans-router.ts';
import { allowOrigins } from './cross-origin.ts';
import { createDocumentsRouter } from './documents-router.ts';
import { noTokenInAddress, nothingHere, problemHandler } from './endpoint.ts';
import { createInvitationsRouter } from './invitations-router.ts';
import { createMembersRouter } from './members-router.ts';
import { createMessagesRouter } from './messages-router.ts';
import { ROOMS_PATH } from './paths.ts';
import { limitRequests } from './request-limits.ts';
import { timeRequests } from './request-times.ts';
import { createRoomsRouter } from './rooms-router.ts';

export interface PublicServerOptions {
  readonly context: RoomsContext;
  readonly presence: OnlineUsers;
  /** Told of the history that was read. */
  readonly marks: Pick<HistoryMarks, 'delivered'>;
  readonly authentication: Authentication;
  /** Text of the OpenAPI document. */
  readonly document: string;
  /** Origins of pages in browsers that may read the answers. */
  readonly allowedOrigins: readonly string[];
  /** Requests of an address, and of a user. */
  readonly limits: { readonly perAddress: RateLimit; readonly perUser: RateLimit };
  readonly addressOf: (request: Request) => string;
  readonly metrics: Pick<RoomsMetrics, 'requestSeconds' | 'limited'>;
  readonly logger: Logger;
}

/** The public listener: who calls is known before anything is read of the body. */
export function createPublicServer(options: PublicServerOptions): Express {
  const { context, presence, marks, authentication, document, allowedOrigins, limits, addressOf, metrics, logger } =
    options;
  const { perAddress, perUser } = limits;
  const server = createServer();
  server.use(timeRequests(ROOMS_PATH, metrics));
  server.use(
    ROOMS_PATH,
    allowOrigins(allowedOrigins),
    limitRequests({ of: 'address', rate: perAddress, keyOf: addressOf, metrics }),
    noTokenInAddress,
    authentication.middleware,
    limitRequests({ of: 'user', rate: perUser, keyOf: (request) => authentication.callerOf(request).userId, metrics }),
    createInvitationsRouter(context, authentication),
    createRoomsRouter(context, authentication),
    createMembersRouter(context, presence, authentication),
    createBansRouter(context, authentication),
    createMessagesRouter(context.database.repositories, marks, authentication),
  );
  server.use(createDocumentsRouter(document));
  server.use(nothingHere, problemHandler(logger));
  return server;
}

/** What is no page of ours is nobody's to run or to frame. */
const CONTENT_SECURITY_POLICY = {
  useDefaults: false,
  directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
};

/** An express without its habits, with headers that keep browsers from theirs: no hash of every answer, a query that is only texts. */
export function createServer(): Express {
  const server = express();
  server.use(helmet({ contentSecurityPolicy: CONTENT_SECURITY_POLICY }));
  server.disable('etag');
  server.set('query parser', 'simple');
  return server;
}
