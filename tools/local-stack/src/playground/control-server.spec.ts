import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ports } from '../ports.ts';
import { playgroundOrigin, serveControl } from './control-server.ts';

const SECRET = 'a secret of at least thirty-two bytes';
let pageDir: string;
let origin: string;
let close: () => Promise<void>;
let done: string[];

beforeEach(async () => {
  pageDir = mkdtempSync(join(tmpdir(), 'chat-page-'));
  mkdirSync(join(pageDir, 'assets'));
  writeFileSync(join(pageDir, 'index.html'), '<title>Playground</title><!-- configuration -->');
  writeFileSync(join(pageDir, 'assets/page.js'), 'void 0;');
  done = [];
  const port = await new Ports().take();
  origin = playgroundOrigin(port);
  close = await serveControl({
    port,
    pageDir,
    apps: {
      statuses: async () => [{ name: 'ws-gateway-1', state: 'READY', pid: 7 }],
      act: (name, verb) => name === 'ws-gateway-1' && done.push(`${verb} ${name}`) > 0,
    },
    stack: { restUrl: 'http://127.0.0.1:8080', gateways: [], jwtSecret: SECRET },
    users: [{ userId: 2, username: 'bob' }],
  });
});
afterEach(async () => {
  await close();
  rmSync(pageDir, { recursive: true, force: true });
});

async function keyOfPage(): Promise<string> {
  const html = await (await fetch(origin)).text();
  const [, json = '{}'] = /id="configuration">(.*?)<\/script>/.exec(html) ?? [];
  return (JSON.parse(json) as { key: string }).key;
}

async function control(method: string, path: string, { body, key }: { body?: string; key?: string } = {}) {
  const answer = await fetch(`${origin}/control/${path}`, {
    method,
    headers: { 'x-playground-key': key ?? (await keyOfPage()), ...(method === 'POST' && { origin }) },
    ...(body !== undefined && { body }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** A request under another name, which fetch does not make. */
function statusUnder(host: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const request = httpRequest(origin, { headers: { host } }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  });
  request.once('error', reject).end();
  return promise;
}

describe('the control server', () => {
  it('serves the page with a key of this run, and the files beside it', async () => {
    const page = await fetch(origin);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(await keyOfPage()).toMatch(/^[\w-]{32}$/);
    const script = await fetch(`${origin}/assets/page.js`);
    expect([script.status, await script.text()]).toEqual([200, 'void 0;']);
    expect(script.headers.get('content-type')).toContain('javascript');
  });

  it.each(['/assets/none.js', '/../jwt-secret', '/%2e%2e/%2e%2e/etc/passwd', '/%', '/control'])(
    'has nothing but the page: %s',
    async (path) => {
      expect((await fetch(origin + path)).status).toBe(404);
    },
  );

  it('is not there under another name, so that nobody else gets its key', async () => {
    expect(await statusUnder('evil.example')).toBe(421);
    expect(await statusUnder(new URL(origin).host)).toBe(200);
  });

  it('makes tokens of users, who keep their id', async () => {
    const { status, body } = await control('POST', 'tokens', { body: JSON.stringify({ username: ' bob ' }) });
    expect([status, body['userId'], body['username']]).toEqual([200, 2, 'bob']);
    expect(jwt.verify(String(body['token']), SECRET)).toMatchObject({ sub: '2', username: 'bob' });
    const [cleo, again] = await Promise.all(
      [1, 2].map(() => control('POST', 'tokens', { body: JSON.stringify({ username: 'cleo' }) })),
    );
    expect(cleo?.body['userId']).toBe(again?.body['userId']);
  });

  it.each(['', 'no JSON', '{}', '{"username": 7}', '{"username": "  "}', `{"username": "${'x'.repeat(9_000)}"}`])(
    'makes none for who has no name: %.30s',
    async (body) => {
      expect(await control('POST', 'tokens', { body })).toMatchObject({
        status: 400,
        body: { code: 'INVALID_REQUEST' },
      });
    },
  );

  it('tells what the apps are doing, and does to them what is asked', async () => {
    expect((await control('GET', 'apps')).body).toEqual({ apps: [{ name: 'ws-gateway-1', state: 'READY', pid: 7 }] });
    expect((await control('POST', 'apps/ws-gateway-1/kill')).status).toBe(202);
    expect(await control('POST', 'apps/postgres/kill')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(done).toEqual(['kill ws-gateway-1']);
  });

  it('does nothing without the key of this run', async () => {
    expect(await control('POST', 'apps/ws-gateway-1/kill', { key: 'x'.repeat(32) })).toMatchObject({
      status: 403,
      body: { code: 'WRONG_KEY' },
    });
    expect(done).toEqual([]);
  });

  it('says so where the page has not been built', async () => {
    rmSync(join(pageDir, 'index.html'));
    expect((await fetch(origin)).status).toBe(503);
  });
});
