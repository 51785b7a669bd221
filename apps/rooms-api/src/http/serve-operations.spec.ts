import { createLogger } from '@chat/service-kit';
import { httpUnderTest, type HttpUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Operations } from '../openapi/operation.ts';
import { problemHandler } from './endpoint.ts';
import { createServer } from './public-server.ts';
import { serveOperations } from './serve-operations.ts';

const operation = { summary: '', answers: {}, refusals: [] } as const;
const OPERATIONS = {
  make: { ...operation, method: 'post', path: '/', body: z.unknown() },
  end: { ...operation, method: 'delete', path: '/' },
} as const satisfies Operations;
const BODIES = ['{"name": ', '"text"', JSON.stringify('x'.repeat(1_000_000))];

let http: HttpUnderTest;
beforeAll(async () => {
  const server = createServer();
  server.use(
    serveOperations(OPERATIONS, {
      make: (request, response) => void response.json(request.body),
      end: (request, response) => void response.json(request.body ?? 'nothing was read'),
    }),
  );
  server.use(problemHandler(createLogger('spec', { level: 'silent', instanceId: 'spec' })));
  http = await httpUnderTest(server);
});
afterAll(() => http.close());

describe('a body', () => {
  it('is read where the operation has one, and refused where it is no JSON or too large', async () => {
    const answers = await Promise.all(BODIES.map((body) => http.request('POST', '/', { body })));
    expect(answers.map(({ status, body }) => [status, body.code ?? body])).toEqual([
      [400, 'INVALID_JSON'],
      [200, 'text'],
      [413, 'BODY_TOO_LARGE'],
    ]);
  });

  it('means nothing to an operation that has none, nor to a method that is not answered', async () => {
    for (const body of BODIES) {
      expect(await http.request('DELETE', '/', { body })).toMatchObject({ status: 200, body: 'nothing was read' });
      expect(await http.request('PUT', '/', { body })).toMatchObject({ status: 405 });
    }
  });
});
