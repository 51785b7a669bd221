import { isReplay, verifyGatewaySignature, type TokenVerifier } from '@chat/auth';
import { parseUserId, type UserId } from '@chat/dto';
import { ChatError, type Clock } from '@chat/service-kit';
import type { Request, RequestHandler } from 'express';
import { withinRequestDeadline } from './request-deadline.ts';
import type { UsedProofs } from './used-proofs.ts';

/** Whom a request speaks for. The API gateway tells the id alone. */
export interface RequestCaller {
  readonly userId: UserId;
  readonly username: string | null;
}

export interface CallerOptions {
  readonly verifier: TokenVerifier;
  /** Keys of API gateways by their id; with none, `X-User-UserId` is never believed. */
  readonly gatewayKeys: ReadonlyMap<string, string>;
  readonly usedProofs: Pick<UsedProofs, 'use'>;
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
 * Rejects with UNAUTHENTICATED (as for a proof that was used before), TOKEN_EXPIRED or REVOKED.
 */
export async function identifyCaller(headers: CallerHeaders, options: CallerOptions): Promise<RequestCaller> {
  const named = await namedByGateway(headers, options);
  if (named !== null) return { userId: named, username: null };
  const [, token] = BEARER.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) throw new ChatError('UNAUTHENTICATED');
  const { userId, username } = await options.verifier.verify(token);
  return { userId, username };
}

async function namedByGateway(
  headers: CallerHeaders,
  { gatewayKeys, usedProofs, clock }: CallerOptions,
): Promise<UserId | null> {
  const { userId, signature, method, pathAndQuery } = headers;
  if (userId === undefined || signature === undefined) return null;
  const nowMs = clock.now();
  const proof = verifyGatewaySignature(signature, { method, pathAndQuery, userId }, { keys: gatewayKeys, nowMs });
  if (proof === null) return null;
  if (isReplay(proof, { method, firstUsedAt: await usedProofs.use(proof.id, nowMs), nowMs })) throw replayed();
  return parseUserId(userId);
}

function replayed(): ChatError {
  const message =
    'This X-Gateway-Signature was used before: sign each request anew, with a nonce where two may be equal.';
  return new ChatError('UNAUTHENTICATED', { message });
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
