import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import type { AppGroup } from '../apps/app-group.ts';
import { createToken } from '../stack/token.ts';
import { judgeRequest, KEY_HEADER, type ControlTask } from './control-request.ts';
import { pageHeaders, pageWith, userIdOf, type PageConfiguration } from './page.ts';

const BODY_MAX_BYTES = 4_096;
const NAME_MAX_CHARACTERS = 64;
const REQUEST_DEADLINE_MS = 10_000;
/** Short, so that a page that stays open shows how a token is renewed in a session. */
const TOKEN_LIFE_S = 600;

export interface ControlServerOptions {
  readonly port: number;
  /** Folder of the built page; read at each request. */
  readonly pageDir: string;
  readonly apps: Pick<AppGroup, 'statuses' | 'act'>;
  readonly stack: Pick<PageConfiguration, 'restUrl' | 'gateways'> & { readonly jwtSecret: string };
  /** Users whose ids are known; others get one by their name. */
  readonly users: readonly { readonly userId: number; readonly username: string }[];
}

/** Origin of the playground on a port. */
export function playgroundOrigin(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/**
 * Serves the playground on 127.0.0.1, and does for it what a page cannot: makes tokens, kills, stops and starts apps of the
 * local stack. Resolves once it listens, to what closes it.
 */
export async function serveControl(options: ControlServerOptions): Promise<() => Promise<void>> {
  const secrets = { host: `127.0.0.1:${options.port}`, key: randomBytes(24).toString('base64url') };
  const configuration = { key: secrets.key, restUrl: options.stack.restUrl, gateways: options.stack.gateways };
  const files = sirv(options.pageDir, { dev: true, dotfiles: false });
  const headers = pageHeaders(configuration);
  const server = createServer({ requestTimeout: REQUEST_DEADLINE_MS }, (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const path = pathOf(request);
    const task = judgeRequest(
      {
        method: request.method ?? '',
        path,
        host: request.headers.host,
        origin: request.headers.origin,
        fetchSite: textOf(request.headers['sec-fetch-site']),
        key: textOf(request.headers[KEY_HEADER]),
      },
      secrets,
    );
    if (task.do === 'serve page' && !isPage(path)) {
      files(request, response, () => answer(response, 404, { code: 'NOT_FOUND', message: 'There is no such file.' }));
    } else if (task.do === 'serve page') {
      void servePage(response, join(options.pageDir, 'index.html'), configuration);
    } else {
      void perform(task, request, options).then(
        ([status, body]) => answer(response, status, body),
        () => answer(response, 500, { code: 'INTERNAL', message: 'The control server could not do that.' }),
      );
    }
  });
  await listen(server, options.port);
  return () => close(server);
}

type Answer = readonly [status: number, body: unknown];

async function perform(task: ControlTask, request: IncomingMessage, options: ControlServerOptions): Promise<Answer> {
  if (task.do === 'list apps') return [200, { apps: await options.apps.statuses() }];
  if (task.do === 'make token') return makeToken(await readBody(request), options);
  if (task.do === 'act') {
    if (options.apps.act(task.app, task.verb)) return [202, { app: task.app, verb: task.verb }];
    return [404, { code: 'NOT_FOUND', message: `There is no app ${task.app} in this stack.` }];
  }
  const { status, code, message } = task as Extract<ControlTask, { do: 'refuse' }>; // pages are served elsewhere
  return [status, { code, message }];
}

function makeToken(body: string | null, { stack, users }: ControlServerOptions): Answer {
  const username = usernameOf(body);
  if (username === null) {
    const message = `The body must be {"username": …} with 1 to ${NAME_MAX_CHARACTERS} characters.`;
    return [400, { code: 'INVALID_REQUEST', message }];
  }
  const userId = userIdOf(username, users);
  return [
    200,
    { userId, username, token: createToken({ userId, username, expiresInS: TOKEN_LIFE_S }, stack.jwtSecret) },
  ];
}

function usernameOf(body: string | null): string | null {
  try {
    const { username } = JSON.parse(body ?? '') as { username?: unknown }; // looked at below
    if (typeof username !== 'string') return null;
    const name = username.trim();
    return name === '' || name.length > NAME_MAX_CHARACTERS ? null : name;
  } catch {
    return null;
  }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_MAX_BYTES) chunks.push(chunk); // the rest is read, or there would be no answer
  }
  return size > BODY_MAX_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

async function servePage(response: ServerResponse, file: string, configuration: PageConfiguration): Promise<void> {
  const html = await readFile(file, 'utf8').catch(() => null);
  if (html === null) return answer(response, 503, { code: 'UNAVAILABLE', message: 'The page has not been built yet.' });
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(pageWith(html, configuration));
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function isPage(path: string): boolean {
  return path === '/' || path === '/index.html';
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

function textOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, '127.0.0.1', resolve);
  return promise;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
