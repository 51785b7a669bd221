import { verifyGatewaySignature, type TokenVerifier } from '@chat/auth';
import { parseUserId, type UserId } from '@chat/dto';
import { ChatError, type Clock } from '@chat/service-kit';
import type { Request, RequestHandler } from 'express';
import { withinRequestDeadline } from './request-deadline.ts';

/** Whom a request speaks for. The API gateway tells the id alone. */
export interface RequestCaller {
  readonly userId: UserId;
  readonly username: string | null;
}

export interface CallerOptions {
  readonly verifier: TokenVerifier;
  /** Keys of API gateways by their id; with none, `X-User-UserId` is never believed. */
  readonly gatewayKeys: ReadonlyMap<string, string>;
  readonly clock: Clock;
}

/** What identifies a caller in a request; a header that comes twice is none. */
export interface CallerHeaders {
  readonly method: string;
  readonly pathAndQuery: string;
  readonly authorization: string | undefined;
  readonly userId: string | undefined;
  readonly signature: string | undefined;
}

const BEARER = /^Bearer +([^ ]+) *$/i;

/**
 * The caller: whom a proven API gateway names, else whom the bearer token names. `X-User-UserId` without proof is ignored.
 * Rejects with UNAUTHENTICATED or TOKEN_EXPIRED.
 */
export async function identifyCaller(headers: CallerHeaders, options: CallerOptions): Promise<RequestCaller> {
  const named = namedByGateway(headers, options);
  if (named !== null) return { userId: named, username: null };
  const [, token] = BEARER.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) throw new ChatError('UNAUTHENTICATED');
  const { userId, username } = await options.verifier.verify(token);
  return { userId, username };
}

function namedByGateway(headers: CallerHeaders, { gatewayKeys, clock }: CallerOptions): UserId | null {
  const { userId, signature, method, pathAndQuery } = headers;
  if (userId === undefined || signature === undefined) return null;
  const isProven = verifyGatewaySignature(
    signature,
    { method, pathAndQuery, userId },
    { keys: gatewayKeys, nowMs: clock.now() },
  );
  return isProven ? parseUserId(userId) : null;
}

/** Identifies the caller of every request that passes, and tells it afterwards. */
export interface Authentication {
  readonly middleware: RequestHandler;
  callerOf(request: Request): RequestCaller;
}

/** `onCaller` hears of every caller; the request does not wait for what it does. */
export function createAuthentication(
  options: CallerOptions,
  onCaller: (caller: RequestCaller) => void,
): Authentication {
  const callers = new WeakMap<Request, RequestCaller>();
  return {
    middleware: async (request, _response, next) => {
      const caller = await withinRequestDeadline(request, () => identifyCaller(headersOf(request), options));
      onCaller(caller);
      callers.set(request, caller);
      next();
    },
    callerOf(request) {
      const caller = callers.get(request);
      if (caller === undefined) throw new ChatError('UNAUTHENTICATED');
      return caller;
    },
  };
}

function headersOf(request: Request): CallerHeaders {
  return {
    method: request.method,
    pathAndQuery: request.originalUrl,
    authorization: request.headers.authorization,
    userId: request.get('x-user-userid'),
    signature: request.get('x-gateway-signature'),
  };
}
