import { parseTraceParent, type TraceContext } from './trace-context.ts';

export interface SamplingRules {
  /** Share of what callers ask that is traced, from 0 to 1. */
  readonly ratio: number;
  /** Whether what a caller has sampled is traced whatever the ratio. */
  readonly trustsCallers: boolean;
  /** From 0 on, below 1. */
  readonly random: () => number;
}

/** What is traced: below which span of a caller, or as a trace of its own where that is null. */
export interface Sampled {
  readonly parent: TraceContext | null;
}

/**
 * Whether something that a caller asks is traced; null where it is not. A caller can have less traced by a `traceparent` whose
 * sampled flag is off, and never more: the die is ours, and is not the trace id, which the caller chose. A `traceparent` that is
 * none counts as left out (W3C Trace Context, 3.2.1).
 */
export function sampleCaller(
  traceParent: string | undefined,
  { ratio, trustsCallers, random }: SamplingRules,
): Sampled | null {
  const parent = traceParent === undefined ? null : parseTraceParent(traceParent);
  if (parent !== null && !parent.isSampled) return null;
  if (parent !== null && trustsCallers) return { parent };
  return random() < ratio ? { parent } : null;
}
