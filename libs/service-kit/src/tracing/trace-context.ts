/** Where a span stands in its trace, as W3C Trace Context carries it from one process to the next. */
export interface TraceContext {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  readonly spanId: string;
  /** Whether whoever made it recorded it. */
  readonly isSampled: boolean;
}

/** `version "-" trace-id "-" parent-id "-" trace-flags` (W3C Trace Context, 3.2.2); a version above 00 may go on behind a "-". */
const TRACE_PARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Longest text that is looked at. */
const TRACE_PARENT_MAX_LENGTH = 256;
const SAMPLED = 1;

/** The context that a `traceparent` carries; null for whatever is none, to the letter: no capitals, no spaces, no id of zeros. */
export function parseTraceParent(text: string): TraceContext | null {
  if (text.length > TRACE_PARENT_MAX_LENGTH) return null;
  const [, version, traceId, spanId, flags, more] = TRACE_PARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (version === '00' && more !== undefined) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** The `traceparent` of a context, in version 00. */
export function formatTraceParent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}
