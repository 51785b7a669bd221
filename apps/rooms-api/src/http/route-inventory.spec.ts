import { createTokenVerifier } from '@chat/auth';
import { createLogger, createMetricsRegistry } from '@chat/service-kit';
import { httpUnderTest, TEST_JWT_SECRET, type HttpUnderTest } from '@chat/testing';
import type { Express } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoomsMetrics } from '../metrics.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import { internalDocument, publicDocument } from '../openapi/documents.ts';
import { createInternalServer } from './internal-server.ts';
import { INTERNAL_PATH, ROOMS_PATH } from './paths.ts';
import { publicServerUnderTest } from './public-server-under-test.ts';

/** What a router of express keeps of each thing that it serves; not typed by express. */
interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
  /** Whether it is for every path. */
  readonly slash: boolean;
  match(path: string): boolean;
}

const MOUNTS = [ROOMS_PATH, INTERNAL_PATH];
/** Served for anybody, and in no document: the document itself, and the page that shows it. */
const PAGES = [
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/',
  'GET /docs/start.js',
  'GET /docs/swagger-ui.css',
  'GET /docs/swagger-ui-bundle.js',
  'GET /docs/favicon-32x32.png',
];

/** Every method and path that express was told to answer, in the words of an OpenAPI document. */
function routesOf(stack: readonly Layer[], prefix = ''): readonly string[] {
  return stack.flatMap((layer) => {
    const { route, handle } = layer;
    if (route !== undefined) {
      const path = route.path === '/' && prefix !== '' ? prefix : prefix + route.path.replaceAll(/:(\w+)/g, '{$1}');
      const methods = Object.keys(route.methods).filter((method) => method !== '_all');
      return methods.map((method) => `${method.toUpperCase()} ${path}`);
    }
    return handle.stack === undefined ? [] : routesOf(handle.stack, prefix + mountOf(layer));
  });
}

/** Where a router hangs; one that hangs where nobody knows makes the inventory fail. */
function mountOf(layer: Layer): string {
  return layer.slash ? '' : (MOUNTS.find((mount) => layer.match(mount)) ?? '/unknown');
}

const serverRoutes = (server: Express) => routesOf(server.router.stack as unknown as readonly Layer[]);
const documentRoutes = ({ paths }: OpenApiDocument) =>
  Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`));
/** The path of a route with ids in it. */
const addressOf = (route: string) => (route.split(' ')[1] ?? '').replaceAll(/\{\w+\}/g, '1');

const unused = {} as never; // nothing that is asked for here gets as far
const publicServer = publicServerUnderTest({
  database: { repositories: unused, transaction: unused },
  verifier: createTokenVerifier({ jwtSecret: TEST_JWT_SECRET, jwtAlgorithms: ['HS256'] }),
});
const internalServer = createInternalServer({
  ...{ stored: unused, presence: unused, revoke: unused, stories: unused, erasure: unused, document: '{}' },
  metrics: createRoomsMetrics(createMetricsRegistry('spec')),
  logger: createLogger('spec', { level: 'silent', instanceId: 'spec' }),
});

describe('the routes of the public listener', () => {
  it('are those of its document and the pages, no more and no fewer', () => {
    expect(serverRoutes(publicServer).toSorted()).toEqual([...documentRoutes(publicDocument()), ...PAGES].toSorted());
  });
});

describe('the routes of the internal listener', () => {
  it('are those of its document and the pages, no more and no fewer', () => {
    expect(serverRoutes(internalServer).toSorted()).toEqual(
      [...documentRoutes(internalDocument()), ...PAGES].toSorted(),
    );
  });
});

describe('what belongs to one listener', () => {
  let [ofPublic, ofInternal]: [HttpUnderTest?, HttpUnderTest?] = [];
  beforeAll(async () => {
    ofPublic = await httpUnderTest(publicServer);
    ofInternal = await httpUnderTest(internalServer);
  });
  afterAll(() => Promise.all([ofPublic?.close(), ofInternal?.close()]));

  const OF_EVERY_APP = ['GET /livez', 'GET /readyz', 'GET /metrics', 'GET /version'];
  const internalRoutes = [...documentRoutes(internalDocument()), ...OF_EVERY_APP];

  it.each(internalRoutes)('is not there on the public one, whoever asks: %s', async (route) => {
    const [method = ''] = route.split(' ');
    for (const asked of [method, 'GET', 'POST', 'OPTIONS']) {
      for (const request of [{}, { as: 1 }]) {
        const answer = await ofPublic?.request(asked, addressOf(route), request);
        expect([asked, answer?.status, answer?.body?.code]).toEqual([asked, 404, 'NOT_FOUND']);
      }
    }
  });

  it.each([
    `/x/..${INTERNAL_PATH}/revocations`,
    `/${INTERNAL_PATH}/revocations`,
    '/INTERNAL/chat/revocations',
    '/%69nternal/chat/revocations',
  ])('is not there in other writings: %s', async (path) => {
    expect((await ofPublic?.request('POST', path, { as: 1, body: { userId: 1 } }))?.status).toBe(404);
  });

  it.each(documentRoutes(publicDocument()))('is not there on the internal one: %s', async (route) => {
    const [method = ''] = route.split(' ');
    expect((await ofInternal?.request(method, addressOf(route), { as: 1 }))?.status).toBe(404);
  });
});
