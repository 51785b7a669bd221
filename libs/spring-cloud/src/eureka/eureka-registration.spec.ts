import { createLogger, type HealthCheck } from '@chat/service-kit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { serve } from '../server-under-test.ts';
import { EurekaRegistration, type EurekaRegistrationOptions } from './eureka-registration.ts';

const logger = createLogger('test', { level: 'silent', instanceId: 'test' });
const facts = () => ({
  ...{ appName: 'chat-service', host: '127.0.0.1', address: '127.0.0.1', port: 8080, internalPort: 9080 },
  ...{ metadata: {}, renewalMs: 1_000 },
});
const APP = '/eureka/apps/CHAT-SERVICE';
const INSTANCE = `${APP}/127.0.0.1%3Achat-service%3A8080`;

/** A Eureka server with one instance at most; `state` can be changed meanwhile. */
async function eureka(state: { isAway?: boolean; hangs?: boolean; isKnown?: boolean } = {}) {
  const server = await serve(({ method }, response) => {
    if (state.hangs) return;
    if (state.isAway) response.writeHead(503).end();
    else {
      if (method === 'POST') state.isKnown = true;
      response.writeHead(state.isKnown ? 200 : 404).end();
    }
  });
  const requests = () => server.seen.map(({ method, url }) => `${method} ${url}`);
  return { state, requests, seen: server.seen, url: `${server.url}/eureka` };
}

function registrationAt(urls: readonly string[], options: Partial<EurekaRegistrationOptions> = {}) {
  const servers = urls.map((url) => ({ url, authorization: undefined }));
  const registration = new EurekaRegistration({ servers, facts, drainPauseMs: () => 0, logger, ...options });
  onTestFinished(() => registration.lease.stop());
  return registration;
}

const isUp = async (check: HealthCheck) => vi.waitFor(() => check.check(), { timeout: 5_000, interval: 10 });

describe('a registration with Eureka', () => {
  it('says UP when the app has started, OUT_OF_SERVICE before it drains, and is gone at its end', async () => {
    const { url, requests } = await eureka();
    const { lease, announcement, check } = registrationAt([url]);
    await lease.start();
    await announcement.start();
    expect(await isUp(check)).toEqual({ instanceId: '127.0.0.1:chat-service:8080', status: 'UP' });
    await announcement.stop();
    expect(requests()).toEqual([
      `POST ${APP}`,
      `DELETE ${INSTANCE}/status?value=UP`,
      `PUT ${INSTANCE}/status?value=OUT_OF_SERVICE`,
    ]);
    await lease.stop();
    expect(requests().at(-1)).toBe(`DELETE ${INSTANCE}`);
  });

  it('is renewed, and made again after a 404', async () => {
    const { url, state, requests } = await eureka();
    const { announcement } = registrationAt([url]);
    await announcement.start();
    await vi.waitFor(() => expect(requests()).toContain(`PUT ${INSTANCE}`), 3_000);
    state.isKnown = false;
    await vi.waitFor(() => expect(requests().filter((request) => request === `POST ${APP}`)).toHaveLength(2), 3_000);
  });

  it('takes the next server where one is away, with the credentials of its URL', async () => {
    const [away, up] = [await eureka({ isAway: true }), await eureka()];
    const servers = [
      { url: away.url, authorization: undefined },
      { url: up.url, authorization: 'Basic eDp5' },
    ];
    const { announcement, check } = registrationAt([], { servers });
    await announcement.start();
    await isUp(check);
    expect(away.requests()).toEqual([`POST ${APP}`]);
    expect(up.seen.map(({ authorization }) => authorization)).toEqual(['Basic eDp5', 'Basic eDp5']);
  });

  it('keeps nobody waiting where Eureka is away: not the start, not the check, not the drain and not the exit', async () => {
    const { url, requests } = await eureka({ isAway: true });
    const { lease, announcement, check } = registrationAt([url], { drainPauseMs: () => 4_000 });
    await announcement.start();
    expect(() => check.check()).toThrow('not registered yet');
    await vi.waitFor(() => expect(requests()).not.toHaveLength(0));
    await vi.waitFor(() => expect(() => check.check()).toThrow(`${url} answers register with status 503`));
    const startedAt = performance.now();
    await announcement.stop();
    await lease.stop();
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });

  it('keeps nobody waiting where Eureka hangs', async () => {
    const { url, requests } = await eureka({ hangs: true });
    const { lease, announcement } = registrationAt([url]);
    await announcement.start();
    await vi.waitFor(() => expect(requests()).toHaveLength(1));
    const startedAt = performance.now();
    await announcement.stop();
    await lease.stop();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });

  it('goes on taking work for the pause it was given, once OUT_OF_SERVICE is said', async () => {
    const { url, requests } = await eureka();
    const { announcement, check } = registrationAt([url], { drainPauseMs: () => 300 });
    await announcement.start();
    await isUp(check);
    const startedAt = performance.now();
    await announcement.stop();
    expect(performance.now() - startedAt).toBeGreaterThan(290);
    expect(requests()).toContain(`PUT ${INSTANCE}/status?value=OUT_OF_SERVICE`);
  });

  it('says OUT_OF_SERVICE without waiting for what is under way', async () => {
    const { url, state, requests } = await eureka();
    const { announcement, check } = registrationAt([url]);
    await announcement.start();
    await isUp(check);
    state.hangs = true;
    await vi.waitFor(() => expect(requests()).toContain(`PUT ${INSTANCE}`), 3_000);
    state.hangs = false;
    const startedAt = performance.now();
    await announcement.stop();
    expect(requests().at(-1)).toBe(`PUT ${INSTANCE}/status?value=OUT_OF_SERVICE`);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it('says so where no server has forgotten it', async () => {
    const lines: string[] = [];
    const write = (line: string) => lines.push(line);
    const told = createLogger('test', { level: 'warn', instanceId: 'test' }, { write });
    const { url, state } = await eureka();
    const { lease, announcement, check } = registrationAt([url], { logger: told });
    await announcement.start();
    await isUp(check);
    await announcement.stop();
    state.isAway = true;
    await lease.stop();
    expect(lines.join('')).toContain('left without deregistering');
  });

  it('asks nothing of Eureka where the app never came to take work', async () => {
    const { url, requests } = await eureka();
    const { lease, announcement } = registrationAt([url]);
    await lease.start();
    await announcement.stop();
    await lease.stop();
    expect(requests()).toEqual([]);
  });
});
