import type { ConfigOf } from '../config.ts';
import type { Logger } from '../logger.ts';
import { OtelTracing } from './otel-tracing.ts';
import { readPairs, type tracingSettings } from './settings.ts';
import { toldExporter } from './told-exporter.ts';
import { LINKS_MAX, type Tracing } from './tracing.ts';

/** Spans that may wait to be exported, some 2 KB each; beyond that new ones are lost. */
const QUEUE_MAX_SPANS = 2_048;
const EXPORT_MAX_SPANS = 512;
/** Longest that a span waits for others to be exported with it, in ms. */
const EXPORT_EVERY_MS = 1_000;
/** Longest text that a span carries, in characters. */
const ATTRIBUTE_MAX_LENGTH = 256;
/** Exports under way at a time: one, but at the end, when all that waits goes at once beside it. */
const EXPORTS_MAX = QUEUE_MAX_SPANS / EXPORT_MAX_SPANS + 1;
/** What the exporter is given beyond its own deadline before the next export may start, in ms. */
const EXPORT_GRACE_MS = 1_000;

export interface TracingOptions extends ConfigOf<typeof tracingSettings> {
  /** Of the app. */
  readonly name: string;
  readonly version: string;
  readonly instanceId: string;
  readonly logger: Logger;
}

/** Traces to the collector of the configuration; null where there is none, and then OpenTelemetry is not even loaded. */
export async function openTracing(options: TracingOptions): Promise<Tracing | null> {
  const url = tracesUrlOf(options);
  if (url === null) return null;
  const [
    api,
    { BatchSpanProcessor, AlwaysOnSampler, TracerProvider },
    { OTLPTraceExporter },
    { resourceFromAttributes },
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({
    url,
    headers: readPairs(options.otlpHeaders) ?? {},
    timeoutMillis: options.otlpTimeoutMs,
    concurrencyLimit: EXPORTS_MAX,
  });
  const processor = new BatchSpanProcessor({
    exporter: toldExporter(exporter, options.logger),
    maxQueueSize: QUEUE_MAX_SPANS,
    maxExportBatchSize: EXPORT_MAX_SPANS,
    scheduledDelayMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: options.otlpTimeoutMs + EXPORT_GRACE_MS,
  });
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes(resourceOf(options)),
    spanLimits: { linkCountLimit: LINKS_MAX, attributeValueLengthLimit: ATTRIBUTE_MAX_LENGTH },
    spanProcessors: [processor],
  });
  const { traceRatio: ratio, traceTrustsCallers: trustsCallers, logger } = options;
  logger.info({ collector: new URL(url).origin, ratio }, 'traces are on');
  return new OtelTracing({ api, provider, sampling: { ratio, trustsCallers, random: Math.random }, logger });
}

/** OTLP Exporter, "Endpoint URLs for OTLP/HTTP": the general one gets `/v1/traces` behind it, that of traces is taken as it is. */
export function tracesUrlOf({
  otelSdkDisabled,
  otlpTracesEndpoint,
  otlpEndpoint,
}: Pick<TracingOptions, 'otelSdkDisabled' | 'otlpTracesEndpoint' | 'otlpEndpoint'>): string | null {
  if (otelSdkDisabled) return null;
  if (otlpTracesEndpoint !== undefined) return otlpTracesEndpoint;
  return otlpEndpoint === undefined ? null : `${otlpEndpoint.replace(/\/+$/, '')}/v1/traces`;
}

/** Who it is that traces; what the operator says of it wins. */
function resourceOf({ name, version, instanceId, otelServiceName, otelResourceAttributes }: TracingOptions) {
  return {
    'service.namespace': 'chat',
    'service.version': version,
    'service.instance.id': instanceId,
    'service.name': name,
    ...readPairs(otelResourceAttributes),
    ...(otelServiceName !== '' && { 'service.name': otelServiceName }),
  };
}
