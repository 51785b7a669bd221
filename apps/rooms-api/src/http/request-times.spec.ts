import { Registry } from '@chat/service-kit';
import { httpUnderTest, type HttpUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRoomsMetrics } from '../metrics.ts';
import type { Operations } from '../openapi/operation.ts';
import { createServer } from './public-server.ts';
import { timeRequests } from './request-times.ts';
import { serveOperations } from './serve-operations.ts';

const metrics = createRoomsMetrics(new Registry());
let http: HttpUnderTest;

beforeAll(async () => {
  const operation = { summary: '', answers: {}, refusals: [] } as const;
  const operations = {
    all: { ...operation, method: 'get', path: '/' },
    one: { ...operation, method: 'get', path: '/{id}/parts' },
  } as const satisfies Operations;
  const server = createServer();
  server.use(timeRequests('/api', metrics));
  server.use(
    '/api',
    serveOperations(operations, {
      all: (_, response) => void response.json([]),
      one: (_, response) => void response.status(409).end(),
    }),
  );
  http = await httpUnderTest(server);
});
afterAll(() => http.close());

async function counted() {
  const { values } = await metrics.requestSeconds.get();
  return values
    .filter(({ metricName }) => metricName?.endsWith('_count'))
    .map(({ labels, value }) => ({ ...labels, value }));
}

describe('the time of a request', () => {
  it.each([
    ['/api', { method: 'GET', route: '/api', status: 200 }],
    ['/API/7/Parts', { method: 'GET', route: '/api/{id}/parts', status: 409 }],
    ['/nothing/here', { method: 'GET', route: 'none', status: 404 }],
  ])('of %s is that of its route, however it was written', async (path, labels) => {
    metrics.requestSeconds.reset();
    await fetch(http.baseUrl + path);
    await expect.poll(counted).toEqual([{ ...labels, value: 1 }]);
  });
});
