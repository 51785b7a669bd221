import { createClientAddress } from '@chat/auth';
import { asMessageId } from '@chat/dto';
import { createLogger, Registry, systemClock } from '@chat/service-kit';
import { createAnswerJudge, httpUnderTest, type HttpUnderTest } from '@chat/testing';
import type { Express } from 'express';
import { publicDocument } from '../openapi/documents.ts';
import type { RoomsContext } from '../rooms/change-room.ts';
import { RoomTurns } from '../rooms/room-turns.ts';
import { createAuthentication, type CallerOptions, type RequestCaller } from './caller.ts';
import { createRoomsMetrics } from '../metrics.ts';
import { createPublicServer, type PublicServerOptions } from './public-server.ts';

const logger = createLogger('spec', { level: 'silent', instanceId: 'spec' });
const openApi = publicDocument();
/** One for all servers of a spec file: what it has compiled it keeps. */
const judge = createAnswerJudge(openApi);

export interface PublicServerParts extends Partial<Pick<RoomsContext, 'turns' | 'invitationLifeMs' | 'onEvents'>> {
  readonly database: RoomsContext['database'];
  readonly verifier: CallerOptions['verifier'];
  readonly gatewayKeys?: CallerOptions['gatewayKeys'];
  readonly onCaller?: (caller: RequestCaller) => void;
  /** Nobody is online where it is left out. */
  readonly listOnline?: PublicServerOptions['presence']['listOnline'];
  readonly marks?: PublicServerOptions['marks'];
  readonly allowedOrigins?: PublicServerOptions['allowedOrigins'];
  readonly metrics?: PublicServerOptions['metrics'];
  /** None where it is left out. */
  readonly limits?: PublicServerOptions['limits'];
}

const UNLIMITED = { perSecond: Infinity, take: () => 0 };

/** Of all servers here, so that those of one database do not make one twice. */
let lastMessageId = 0;

/** The public listener with such parts behind a port of its own; every answer must be one that its document has. */
export function publicHttpUnderTest(parts: PublicServerParts): Promise<HttpUnderTest> {
  return httpUnderTest(publicServerUnderTest(parts), judge);
}

/** The public listener's server with parts that do nothing but for those that are given. */
export function publicServerUnderTest(parts: PublicServerParts): Express {
  const { database, turns = new RoomTurns(), invitationLifeMs = 60_000, onEvents = () => {} } = parts;
  const { verifier, gatewayKeys = new Map(), onCaller = () => {} } = parts;
  const { listOnline = () => Promise.resolve(new Set()), marks = { delivered: () => Promise.resolve() } } = parts;
  const usedProofs = { use: () => Promise.resolve(null) };
  const nextMessageId = () => asMessageId((lastMessageId += 1));
  return createPublicServer({
    context: { database, clock: systemClock, turns, nextMessageId, invitationLifeMs, onEvents },
    presence: { listOnline },
    marks,
    authentication: createAuthentication({ verifier, gatewayKeys, usedProofs, clock: systemClock }, onCaller),
    document: JSON.stringify(openApi),
    allowedOrigins: parts.allowedOrigins ?? [],
    limits: parts.limits ?? { perAddress: UNLIMITED, perUser: UNLIMITED },
    addressOf: createClientAddress(['loopback']),
    metrics: parts.metrics ?? createRoomsMetrics(new Registry()),
    logger,
  });
}
