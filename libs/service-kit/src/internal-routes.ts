import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Health } from './health.ts';
import type { Registry } from './metrics.ts';

export interface InternalRoutesOptions {
  readonly health: Health;
  readonly metrics: Registry;
  readonly version: VersionInfo;
  /** Answers whatever is none of the routes here. */
  readonly next?: RequestListener;
}

/** What `/version` tells. */
export interface VersionInfo {
  readonly app: string;
  readonly version: string;
  readonly node: string;
  readonly instanceId: string;
}

type Route = (response: ServerResponse) => Promise<void> | void;

/** `/livez`, `/readyz`, `/metrics` and `/version` of every app's internal listener. */
export function internalRoutes({ health, metrics, version, next }: InternalRoutesOptions): RequestListener {
  const routes: Record<string, Route> = {
    '/livez': (response) => sendJson(response, 200, { status: 'UP' }),
    '/readyz': async (response) => {
      const readiness = await health.readiness();
      sendJson(response, readiness.status === 'UP' ? 200 : 503, readiness);
    },
    '/metrics': async (response) => {
      response.writeHead(200, { 'content-type': metrics.contentType }).end(await metrics.metrics());
    },
    '/version': (response) => sendJson(response, 200, version),
  };
  return (request, response) => {
    const route = routeOf(request, routes);
    if (route !== undefined) void answer(route, response);
    else if (next !== undefined) next(request, response);
    else sendJson(response, 404, { code: 'NOT_FOUND' });
  };
}

function routeOf(request: IncomingMessage, routes: Record<string, Route>): Route | undefined {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  return request.method === 'GET' && Object.hasOwn(routes, path) ? routes[path] : undefined;
}

async function answer(route: Route, response: ServerResponse): Promise<void> {
  try {
    await route(response);
  } catch (error) {
    sendJson(response, 500, { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) });
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
