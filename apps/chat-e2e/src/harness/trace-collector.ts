import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** Spans that it keeps: those of the tests, and no more than a run can make by mistake. */
const SPANS_MAX = 10_000;

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A span as a collector got it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** As OTLP has it: 2 server, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Name of the instance that made it, and of its service. */
  readonly instance: unknown;
  readonly service: unknown;
  readonly attributes: Attributes;
  readonly links: readonly string[];
}

interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly boolValue?: boolean;
}
type OtlpAttributes = ReadonlyArray<{ readonly key: string; readonly value: OtlpValue }>;

/** What an exporter posts (OTLP 1.x, "OTLP/HTTP", JSON). */
interface OtlpTraces {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: OtlpAttributes };
    readonly scopeSpans: ReadonlyArray<{
      readonly spans: ReadonlyArray<{
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly kind: number;
        readonly attributes: OtlpAttributes;
        readonly links?: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>;
      }>;
    }>;
  }>;
}

/** A collector of traces in memory: takes them at `/v1/traces`, and tells all it has at `/spans`. */
export interface TraceCollector {
  readonly url: string;
  close(): Promise<void>;
}

export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: ReceivedSpan[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/v1/traces') spans.push(...spansOf((await json(request)) as OtlpTraces));
    spans.splice(0, spans.length - SPANS_MAX);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === '/spans' ? spans : {}));
  };
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** All spans that a collector has got so far. */
export async function spansAt(collectorUrl: string): Promise<readonly ReceivedSpan[]> {
  return (await (await fetch(`${collectorUrl}/spans`)).json()) as readonly ReceivedSpan[];
}

function spansOf({ resourceSpans }: OtlpTraces): readonly ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const about = attributesOf(resource.attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ parentSpanId = '', attributes, links = [], traceId, spanId, name, kind }) => ({
        ...{ traceId, spanId, parentSpanId, name, kind },
        instance: about['service.instance.id'],
        service: about['service.name'],
        attributes: attributesOf(attributes),
        links: links.map((link) => link.spanId),
      })),
    );
  });
}

function attributesOf(attributes: OtlpAttributes): Attributes {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? Number(value.intValue ?? Number.NaN),
    ]),
  );
}
