import type { Service } from '../lifecycle.ts';
import type { TraceContext } from './trace-context.ts';

/** Ids, names, numbers; never content or tokens. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  /** One of few: without ids. */
  readonly name: string;
  /** What it does for whom (OpenTelemetry, "SpanKind"): answers a caller, hands a message over, takes one. */
  readonly kind: 'server' | 'producer' | 'consumer';
  readonly attributes?: SpanAttributes;
}

/** Some work that is traced, from its start to `end`. */
export interface Span {
  readonly context: TraceContext;
  /** The `traceparent` for whatever follows from it. */
  readonly traceParent: string;
  /** By a name that is known better now. */
  rename(name: string): void;
  add(attributes: SpanAttributes): void;
  /** Once; with what went wrong, if anything did: its `code` where it has one, else its name. */
  end(error?: unknown): void;
}

/**
 * What an app tells of its work. It is null where nothing is traced, and a span is null where it is not sampled, so that whoever
 * traces by `?.` pays nothing then.
 */
export interface Tracing extends Service {
  /** Work for a caller who said this `traceparent`, if any; null where it is not sampled. */
  begin(traceParent: string | undefined, start: SpanStart): Span | null;
  /** Work that follows from other work; a trace of its own where that is null. Links name what else it is about. */
  follow(parent: TraceContext | null, start: SpanStart, links?: readonly TraceContext[]): Span;
}

/** Links that a span may have. */
export const LINKS_MAX = 128;
