import type * as Api from '@opentelemetry/api';
import { ChatError } from '../chat-error.ts';
import { DeadlineError, withDeadline } from '../deadline.ts';
import type { Logger } from '../logger.ts';
import { sampleCaller, type SamplingRules } from './sampling.ts';
import { formatTraceParent, type TraceContext } from './trace-context.ts';
import type { Span, SpanAttributes, SpanStart, Tracing } from './tracing.ts';

/** Longest that what is not exported yet is waited for at stop, in ms: a collector that does not answer costs no more. */
export const FLUSH_DEADLINE_MS = 1_500;

export interface OtelTracingOptions {
  readonly api: typeof Api;
  /** Records every span that it is told to start. */
  readonly provider: { getTracer(name: string): Api.Tracer; shutdown(): Promise<void> };
  readonly sampling: SamplingRules;
  readonly logger: Logger;
}

/** Spans by OpenTelemetry. What is sampled is decided here, so the provider records all that it is told of. */
export class OtelTracing implements Tracing {
  readonly name = 'tracing';
  readonly #options: OtelTracingOptions;
  readonly #tracer: Api.Tracer;

  constructor(options: OtelTracingOptions) {
    this.#options = options;
    this.#tracer = options.provider.getTracer('chat-service');
  }

  async start(): Promise<void> {}

  /** Exports what is left, for a moment; never fails for a collector. */
  async stop(): Promise<void> {
    const { provider, logger } = this.#options;
    try {
      await withDeadline(provider.shutdown(), FLUSH_DEADLINE_MS, 'exporting the last traces');
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      logger.warn('the last traces were left behind, the collector does not take them');
    }
  }

  begin(traceParent: string | undefined, start: SpanStart): Span | null {
    const sampled = sampleCaller(traceParent, this.#options.sampling);
    return sampled && this.follow(sampled.parent, start);
  }

  follow(
    parent: TraceContext | null,
    { name, kind, attributes }: SpanStart,
    links: readonly TraceContext[] = [],
  ): Span {
    const { api } = this.#options;
    const span = this.#tracer.startSpan(
      name,
      {
        kind: api.SpanKind[KINDS[kind]],
        attributes: { ...attributes },
        links: links.map((context) => ({ context: otelContextOf(context, api) })),
      },
      parent === null ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, otelContextOf(parent, api)),
    );
    return new OtelSpan(span, api);
  }
}

const KINDS = { server: 'SERVER', producer: 'PRODUCER', consumer: 'CONSUMER' } as const;

class OtelSpan implements Span {
  readonly #span: Api.Span;
  readonly #api: typeof Api;

  constructor(span: Api.Span, api: typeof Api) {
    this.#span = span;
    this.#api = api;
  }

  get context(): TraceContext {
    const { traceId, spanId } = this.#span.spanContext();
    return { traceId, spanId, isSampled: true };
  }

  get traceParent(): string {
    return formatTraceParent(this.context);
  }

  rename(name: string): void {
    this.#span.updateName(name);
  }

  add(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  end(error?: unknown): void {
    if (error !== undefined) {
      this.#span.setAttribute('error.type', errorTypeOf(error));
      this.#span.setStatus({ code: this.#api.SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}

/** What a trace says of an error (OpenTelemetry, "error.type"): one of few words, and never its sentence. */
function errorTypeOf(error: unknown): string {
  if (error instanceof ChatError) return error.code;
  return error instanceof Error ? error.name : String(error);
}

function otelContextOf({ traceId, spanId, isSampled }: TraceContext, { TraceFlags }: typeof Api): Api.SpanContext {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}
