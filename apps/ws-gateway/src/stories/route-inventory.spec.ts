import { createMetricsRegistry, Health, internalRoutes } from '@chat/service-kit';
import { httpUnderTest, type HttpUnderTest } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerPlainHttp } from '../transport/websocket-entry.ts';
import { MessageStories } from './message-stories.ts';
import { MEMORY_PATH, storyRoute } from './story-route.ts';

const OF_EVERY_APP = ['/livez', '/readyz', '/metrics', '/version'];
/** What others serve, or would be the next thing to try. */
const NOWHERE = ['/', '/internal', '/internal/chat', '/internal/chat/revocations', `${MEMORY_PATH}/1`, '/ws', '/debug'];

let [ofPublic, ofInternal]: [HttpUnderTest?, HttpUnderTest?] = [];
beforeAll(async () => {
  ofPublic = await httpUnderTest(answerPlainHttp);
  ofInternal = await httpUnderTest(
    internalRoutes({
      health: new Health(),
      metrics: createMetricsRegistry('spec'),
      version: { app: 'spec', version: '0', node: '0', instanceId: 'spec' },
      next: storyRoute(new MessageStories({ instanceId: 'spec', max: 1, clock: { now: () => 0 } })),
    }),
  );
});
afterAll(() => Promise.all([ofPublic?.close(), ofInternal?.close()]));

const statusOf = async (server: HttpUnderTest | undefined, method: string, path: string) =>
  (await fetch(`${server?.baseUrl ?? ''}${path}`, { method, signal: AbortSignal.timeout(5_000) })).status;

describe('the routes of the internal listener', () => {
  it.each([
    ['/livez', 200],
    ['/readyz', 503],
    ['/metrics', 200],
    ['/version', 200],
    [MEMORY_PATH, 400],
    [`${MEMORY_PATH}?messageId=1`, 200],
  ])('%s is one, and answers GET with %i', async (path, status) => {
    expect(await statusOf(ofInternal, 'GET', path)).toBe(status);
    expect(await statusOf(ofInternal, 'POST', path)).toBe(path.startsWith(MEMORY_PATH) ? 405 : 404);
  });

  it.each(NOWHERE)('%s is none', async (path) => {
    for (const method of ['GET', 'POST', 'OPTIONS']) expect(await statusOf(ofInternal, method, path)).toBe(404);
  });

  it.each([...OF_EVERY_APP, MEMORY_PATH])('%s is not there on the public one', async (path) => {
    for (const method of ['GET', 'POST', 'OPTIONS']) expect(await statusOf(ofPublic, method, path)).toBe(404);
  });
});
