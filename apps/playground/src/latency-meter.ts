import type { ObservedFrame } from '@chat/client';
import type { Measure, Sample } from './graph/series.ts';

/** Messages under way that are remembered at most; of the eldest nothing is measured. */
const UNDER_WAY_MAX_COUNT = 1_000;

/**
 * Measures how long messages take, by the keys of their SENDs, from the first frame on that one leaves with: what waits behind
 * earlier sends, or for a connection, is not yet on its way. One clock, since both users are in one page.
 */
export interface LatencyMeter {
  observe(frame: Pick<ObservedFrame, 'direction' | 'command' | 'headers'>): void;
  /** The sender has the RECEIPT, or another user the message; counted once each. */
  reached(measure: Measure, clientMessageId: string): void;
  /** It was given up: if it is sent again, that is another time. */
  forget(clientMessageId: string): void;
}

export function createLatencyMeter(onSample: (sample: Sample) => void, now: () => number): LatencyMeter {
  const sentAt = new Map<string, number>();
  const measured = new Map<string, Set<Measure>>();
  const forget = (clientMessageId: string) => {
    sentAt.delete(clientMessageId);
    measured.delete(clientMessageId);
  };
  return {
    observe({ direction, command, headers }) {
      const clientMessageId = headers['client-message-id'];
      if (direction !== 'out' || command !== 'SEND' || clientMessageId === undefined) return;
      if (sentAt.has(clientMessageId)) return;
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
    forget,
  };
}
