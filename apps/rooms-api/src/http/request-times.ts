import type { Request, RequestHandler } from 'express';
import type { RoomsMetrics } from '../metrics.ts';
import { nameSpan } from './trace-requests.ts';

/** Methods that something is answered to; others are one label. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);
/** Of requests that were refused before a route was found, such as those of nobody. */
const NO_ROUTE = 'none';

/** Path of the operation that each request is for, below that of its table. */
const paths = new WeakMap<Request, string>();

/** Notes what the requests behind it are for: a path with its parameters in braces, never as the client wrote it. */
export function noteRoute(path: string): RequestHandler {
  return (request, _response, next) => {
    paths.set(request, path);
    nameSpan(request, request.baseUrl + path);
    next();
  };
}

/** In front of all else: how long each answer took. What nobody waited for any more counts by the status it would have had. */
export function timeRequests(
  basePath: string,
  { requestSeconds }: Pick<RoomsMetrics, 'requestSeconds'>,
): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const method = METHODS.has(request.method) ? request.method : 'other';
      const route = routeOf(basePath, paths.get(request));
      requestSeconds.observe({ method, route, status: response.statusCode }, (performance.now() - startedAt) / 1_000);
    });
    next();
  };
}

function routeOf(basePath: string, path: string | undefined): string {
  if (path === undefined) return NO_ROUTE;
  return path === '/' ? basePath : basePath + path;
}
