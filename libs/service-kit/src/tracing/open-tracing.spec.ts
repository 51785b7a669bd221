import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { FLUSH_DEADLINE_MS } from './otel-tracing.ts';
import { openTracing, tracesUrlOf } from './open-tracing.ts';
import { tracingSettings } from './settings.ts';

interface Received {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly spans: ReadonlyArray<Readonly<Record<string, unknown>>>;
  readonly resource: ReadonlyArray<{ key: string; value: { stringValue: string } }>;
}

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => (server.closeAllConnections(), server.close())));

/** A collector that keeps what it gets and answers with this status; null for one that never answers. */
async function collector(status: number | null = 200) {
  const received: Received[] = [];
  const server = createServer((request, response) => void take(request, response));
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const { resourceSpans } = (await json(request)) as {
      resourceSpans: [{ resource: { attributes: Received['resource'] }; scopeSpans: [{ spans: Received['spans'] }] }];
    };
    const [{ resource, scopeSpans }] = resourceSpans;
    const { authorization } = request.headers;
    received.push({ path: request.url, authorization, spans: scopeSpans[0].spans, resource: resource.attributes });
    if (status !== null) response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  };
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function tracingTo(env: Record<string, string>) {
  const lines: Array<{ readonly level: number; readonly msg: string }> = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as never) });
  const config = readConfig(tracingSettings, env);
  const tracing = await openTracing({ ...config, name: 'test-app', version: '1', instanceId: 'one', logger });
  if (tracing === null) throw new Error('nothing is traced');
  return { tracing, warnings: () => lines.filter(({ level }) => level > 30).map(({ msg }) => msg) };
}

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('traces', () => {
  it('are off without an endpoint, and where that is said', async () => {
    const config = readConfig(tracingSettings, {});
    const logger = pino({ level: 'silent' });
    expect(await openTracing({ ...config, name: 'a', version: '1', instanceId: 'one', logger })).toBeNull();
    const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' };
    expect(tracesUrlOf(readConfig(tracingSettings, disabled))).toBeNull();
  });

  it('go to /v1/traces of the endpoint, or to the whole URL that is given for them', () => {
    const urlOf = (env: Record<string, string>) => tracesUrlOf(readConfig(tracingSettings, env));
    expect(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' })).toBe('http://collector:4318/v1/traces');
    expect(urlOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a/b' })).toBe('https://a/b/v1/traces');
    const both = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/x' };
    expect(urlOf(both)).toBe('http://b/x');
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret-without-a-name'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%zz'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
  ])('%s is not %s, and no message shows a secret', (name, value) => {
    expect(() => readConfig(tracingSettings, { [name]: value })).toThrow(name);
    expect(() => readConfig(tracingSettings, { [name]: value })).not.toThrow('secret-without-a-name');
  });

  it('reach the collector at stop at the latest, as children of the caller, with who it is that traces', async () => {
    const { received, url } = await collector();
    const { tracing } = await tracingTo({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=spec',
      OTEL_SERVICE_NAME: 'chat-spec',
    });
    const outer = tracing.begin(CALLER, { name: 'outer', kind: 'server', attributes: { a: 1 } });
    const inner = tracing.follow(outer?.context ?? null, { name: 'inner', kind: 'producer' });
    inner.end(new TypeError('never told'));
    outer?.end();
    await tracing.stop();

    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ path: '/v1/traces', authorization: 'Bearer abc' });
    const [innerSpan, outerSpan] = received[0]?.spans ?? [];
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    expect(outerSpan).toMatchObject({ name: 'outer', traceId, parentSpanId: 'b7ad6b7169203331', kind: 2 });
    expect(innerSpan).toMatchObject({ name: 'inner', traceId, parentSpanId: outerSpan?.['spanId'], kind: 4 });
    expect(innerSpan?.['attributes']).toEqual([{ key: 'error.type', value: { stringValue: 'TypeError' } }]);
    expect(JSON.stringify(received)).not.toContain('never told');
    expect(received[0]?.resource.map(({ key, value }) => [key, value.stringValue])).toEqual(
      expect.arrayContaining([
        ['service.name', 'chat-spec'],
        ['service.instance.id', 'one'],
        ['deployment.environment.name', 'spec'],
      ]),
    );
  });

  it('have a parent that is only linked where work follows from many', async () => {
    const { received, url } = await collector();
    const { tracing } = await tracingTo({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const first = tracing.follow(null, { name: 'first', kind: 'producer' });
    tracing.follow(null, { name: 'batch', kind: 'consumer' }, [first.context]).end();
    await tracing.stop();
    const batch = received[0]?.spans[0];
    expect(batch?.['links']).toMatchObject([{ traceId: first.context.traceId, spanId: first.context.spanId }]);
    expect(batch?.['traceId']).not.toBe(first.context.traceId);
  });

  it('hold up nobody where the collector does not answer: what is too much is lost, and the end waits a moment', async () => {
    const { url } = await collector(null);
    const { tracing, warnings } = await tracingTo({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const startedAt = performance.now();
    for (let count = 0; count < 10_000; count += 1) tracing.follow(null, { name: 'many', kind: 'server' }).end();
    const madeAt = performance.now();
    await tracing.stop();
    expect(madeAt - startedAt).toBeLessThan(5_000); // synchronous: nothing was waited for
    expect(performance.now() - madeAt).toBeLessThan(FLUSH_DEADLINE_MS + 1_000);
    expect(warnings()).toEqual(['the last traces were left behind, the collector does not take them']);
  });

  it('say once that a collector refuses them', async () => {
    const { url, received } = await collector(400);
    const { tracing, warnings } = await tracingTo({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    for (let count = 0; count < 1_100; count += 1) tracing.follow(null, { name: 'many', kind: 'server' }).end();
    await tracing.stop();
    expect(received.length).toBeGreaterThan(1);
    expect(warnings()).toEqual(['the collector does not take traces']);
  });
});
