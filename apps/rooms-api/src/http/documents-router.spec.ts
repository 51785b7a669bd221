import { TEST_JWT_SECRET, type HttpUnderTest } from '@chat/testing';
import { createTokenVerifier } from '@chat/auth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicDocument } from '../openapi/documents.ts';
import { publicHttpUnderTest, type PublicServerParts } from './public-server-under-test.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
let http: HttpUnderTest;

beforeAll(async () => {
  const database = { repositories: {} } as PublicServerParts['database']; // nothing that is asked for here needs it
  const verifier = createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] });
  http = await publicHttpUnderTest({ database, verifier });
});
afterAll(() => http.close());

describe('the OpenAPI document', () => {
  const paths = Object.entries(publicDocument().paths);

  it('is served to anybody', async () => {
    const { status, headers, body } = await http.request('GET', '/openapi.json');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(body).toEqual(publicDocument());
  });

  it.each(paths)('has all methods that %s answers, and no other', async (path, item) => {
    const address = path.replaceAll(/\{\w+\}/g, '0');
    const named = METHODS.filter((method) => method in item).map((method) => method.toUpperCase());
    for (const method of METHODS.filter((each) => !(each in item))) {
      const { status, headers } = await http.request(method.toUpperCase(), address, { as: 1 });
      expect(status).toBe(405);
      expect(headers.get('allow')).toBe(named.join(', '));
    }
  });
});

describe('the page that shows it', () => {
  it('loads nothing from elsewhere, and all that it loads is there', async () => {
    const page = await fetch(`${http.baseUrl}/docs`);
    const html = await page.text();
    expect(page.url).toBe(`${http.baseUrl}/docs/`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => new URL(file ?? '', page.url));
    expect(files).toHaveLength(4);
    for (const url of files) {
      const file = await fetch(url);
      expect([url.origin, file.status]).toEqual([http.baseUrl, 200]);
      await file.arrayBuffer();
    }
  });

  it('shows the document of its own listener', async () => {
    const start = await (await fetch(`${http.baseUrl}/docs/start.js`)).text();
    const [, document = ''] = /url: '([^']+)'/.exec(start) ?? [];
    expect((await fetch(new URL(document, `${http.baseUrl}/docs/`))).status).toBe(200);
  });
});
