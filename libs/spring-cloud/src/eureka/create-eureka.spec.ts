import { createLogger, readConfig } from '@chat/service-kit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { serve } from '../server-under-test.ts';
import { createEureka } from './create-eureka.ts';
import { eurekaSettings } from './settings.ts';

/** An instance that is registered, with a pause before its drain. */
async function registered(hasFailed: () => boolean) {
  const server = await serve((_, response) => response.end());
  const environment = { EUREKA_URL: `${server.url}/eureka`, EUREKA_DRAIN_PAUSE_MS: '400' };
  const { lease, announcement, checks } = createEureka({
    config: { ...readConfig(eurekaSettings('chat-service'), environment), host: '127.0.0.1' },
    ...{ listener: { port: 8080 }, internalListener: { port: 9080 } },
    version: { app: 'rooms-api', version: '1', node: 'v24', instanceId: 'a' },
    metadata: { protocol: 'http', path: '/' },
    logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
    hasFailed,
  });
  onTestFinished(async () => void (await Promise.all(lease.map((service) => service.stop()))));
  for (const service of announcement) await service.start();
  await vi.waitFor(() => checks.map((check) => check.check()), 5_000);
  return async () => {
    const startedAt = performance.now();
    for (const service of announcement) await service.stop();
    expect(server.seen.at(-1)?.url).toContain('status?value=OUT_OF_SERVICE');
    return performance.now() - startedAt;
  };
}

describe('an instance that drains', () => {
  it('goes on taking work for its pause', async () => {
    const stop = await registered(() => false);
    expect(await stop()).toBeGreaterThan(390);
  });

  it('does not after a fatal error, when there is no time for it', async () => {
    const stop = await registered(() => true);
    expect(await stop()).toBeLessThan(300);
  });
});
