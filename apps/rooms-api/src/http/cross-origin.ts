import type { RequestHandler } from 'express';

const METHODS = 'GET, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS = 'Authorization, Content-Type';
/** What a page of another origin may read beside the body. */
const EXPOSED_HEADERS = 'Link, Location, Retry-After, WWW-Authenticate, X-Presence';
/** How long a browser may keep the answer to a preflight. */
const PREFLIGHT_LIFE_S = 600;

/** What the browser is told of a request from a page; `isPreflight` where there is nothing else to answer. */
export interface CrossOriginAnswer {
  readonly isPreflight: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Fetch standard, CORS protocol: a page may read the answer where its origin is one of those allowed, byte for byte.
 * Any other is answered as who is no browser, without a word that would let the page read it. There are no cookies, so no
 * credentials are allowed.
 */
export function answerOrigin(
  request: { readonly method: string; readonly origin: string | undefined; readonly wantsMethod: string | undefined },
  allowed: ReadonlySet<string>,
): CrossOriginAnswer {
  const { method, origin, wantsMethod } = request;
  const vary = { vary: 'Origin' };
  if (origin === undefined || !allowed.has(origin)) return { isPreflight: false, headers: vary };
  const headers = { ...vary, 'access-control-allow-origin': origin };
  if (method !== 'OPTIONS' || wantsMethod === undefined) {
    return { isPreflight: false, headers: { ...headers, 'access-control-expose-headers': EXPOSED_HEADERS } };
  }
  return {
    isPreflight: true,
    headers: {
      ...headers,
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': String(PREFLIGHT_LIFE_S),
    },
  };
}

/** Before authentication: a preflight has no token. */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (request, response, next) => {
    if (allowed.size === 0) return next();
    const { isPreflight, headers } = answerOrigin(
      {
        method: request.method,
        origin: request.headers.origin,
        wantsMethod: request.get('access-control-request-method'),
      },
      allowed,
    );
    response.set(headers);
    if (isPreflight) response.status(204).end();
    else next();
  };
}
