import { tokenParameterOf } from '@chat/auth';
import { ChatError, invalidRequest, type Logger } from '@chat/service-kit';
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { RETRY_AFTER_SECONDS } from '../limits.ts';
import { knownErrorOf, problemOf } from './problem.ts';
import { writeProblem, writeReply, type Reply } from './reply.ts';
import { withinRequestDeadline } from './request-deadline.ts';
import { traceFieldsOf } from './trace-requests.ts';

/**
 * Answers a request within what authentication has left of its deadline, whatever the work behind it does; the signal
 * aborts once it is answered.
 */
export function endpoint(answer: (request: Request, signal: AbortSignal) => Promise<Reply>): RequestHandler {
  return async (request, response) => {
    writeReply(response, await withinRequestDeadline(request, (signal) => answer(request, signal)));
  };
}

/** Behind every route of a path: the methods that it does answer. */
export function onlyMethods(...methods: readonly string[]): RequestHandler {
  return (request, response) => {
    const message = `${request.method} is not answered here; ${methods.join(', ')} ${methods.length === 1 ? 'is' : 'are'}.`;
    writeProblem(response, problemOf(new ChatError('METHOD_NOT_ALLOWED', { message })), { allow: methods.join(', ') });
  };
}

/** Before a caller is looked for: an address stands in logs and histories, so a token there is one that leaks. */
export const noTokenInAddress: RequestHandler = (request, _response, next) => {
  const field = tokenParameterOf(request.originalUrl);
  if (field === null) return next();
  throw invalidRequest({
    field,
    message: 'a token does not belong into an address: send it in the Authorization header',
  });
};

/** Behind all routes. */
export const nothingHere: RequestHandler = () => {
  throw new ChatError('NOT_FOUND');
};

/** The edge: every thrown value becomes a problem here, and is logged here, once. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = problemOf(error);
    log(logger, problem.status, error, request);
    if (response.headersSent) next(error);
    else writeProblem(response, problem, headersOf(problem.status, problem.code));
  };
}

function log(logger: Logger, status: number, error: unknown, request: Request): void {
  if (status < 500) return;
  const fields = {
    err: knownErrorOf(error),
    cause: knownErrorOf(error).cause,
    method: request.method,
    path: request.path,
    ...traceFieldsOf(request),
  };
  if (status === 500) logger.error(fields, 'a request failed');
  else logger.warn(fields, 'a request was refused');
}

/** RFC 6750 §3 wants the scheme named with each 401, and the reason once a token was there. */
function headersOf(status: number, code: string): Record<string, string> {
  if (status === 401)
    return { 'www-authenticate': code === 'TOKEN_EXPIRED' ? 'Bearer error="invalid_token"' : 'Bearer' };
  return status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
}
