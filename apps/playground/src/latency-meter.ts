import type { Measure, Sample } from './graph/series.ts';

/** Messages under way that are remembered at most; of the eldest nothing is measured. */
const UNDER_WAY_MAX_COUNT = 1_000;

/** Measures how long messages take, by the keys of their SENDs: one clock, since both users are in one page. */
export interface LatencyMeter {
  sent(clientMessageId: string): void;
  /** The sender has the RECEIPT, or another user the message; counted once each. */
  reached(measure: Measure, clientMessageId: string): void;
}

export function createLatencyMeter(onSample: (sample: Sample) => void, now: () => number): LatencyMeter {
  const sentAt = new Map<string, number>();
  const measured = new Map<string, Set<Measure>>();
  const forget = (clientMessageId: string) => {
    sentAt.delete(clientMessageId);
    measured.delete(clientMessageId);
  };
  return {
    sent(clientMessageId) {
      sentAt.set(clientMessageId, now());
      measured.set(clientMessageId, new Set());
      const [eldest] = sentAt.keys();
      if (sentAt.size > UNDER_WAY_MAX_COUNT && eldest !== undefined) forget(eldest);
    },
    reached(measure, clientMessageId) {
      const start = sentAt.get(clientMessageId);
      const done = measured.get(clientMessageId);
      if (start === undefined || done === undefined || done.has(measure)) return;
      const at = now();
      onSample({ at, measure, latencyMs: at - start });
      done.add(measure);
      if (done.size === 2) forget(clientMessageId);
    },
  };
}
