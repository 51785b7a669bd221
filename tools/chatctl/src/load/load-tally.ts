import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** Longest time that is told apart, in ms. */
const LONGEST_MS = 600_000;
const US_PER_MS = 1_000;

/** Times in ms, as percentiles; null where there are none. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What a load came to. */
export interface LoadCounts {
  readonly sent: number;
  readonly acknowledged: number;
  readonly delivered: number;
  /** Not sent, since too many were without an answer. */
  readonly heldBack: number;
  /** By code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly receiptMs: Percentiles | null;
  readonly deliveryMs: Percentiles | null;
}

/** Counts and times of a load in memory that does not grow with it: two histograms of three figures. */
export class LoadTally {
  readonly #receipts = histogramOfTimes();
  readonly #deliveries = histogramOfTimes();
  readonly #errors = new Map<string, number>();
  #sent = 0;
  #acknowledged = 0;
  #delivered = 0;
  #failed = 0;
  #heldBack = 0;

  /** Sent and not answered yet. */
  get inFlight(): number {
    return this.#sent - this.#acknowledged - this.#failed;
  }

  send(): void {
    this.#sent += 1;
  }

  holdBack(): void {
    this.#heldBack += 1;
  }

  acknowledge(tookMs: number): void {
    this.#acknowledged += 1;
    record(this.#receipts, tookMs);
  }

  deliver(tookMs: number): void {
    this.#delivered += 1;
    record(this.#deliveries, tookMs);
  }

  fail(code: string): void {
    this.#failed += 1;
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  counts(): LoadCounts {
    return {
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      delivered: this.#delivered,
      heldBack: this.#heldBack,
      errors: Object.fromEntries(this.#errors),
      receiptMs: percentilesOf(this.#receipts),
      deliveryMs: percentilesOf(this.#deliveries),
    };
  }
}

function histogramOfTimes(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: LONGEST_MS * US_PER_MS, figures: 3 });
}

function record(histogram: RecordableHistogram, ms: number): void {
  histogram.record(Math.min(Math.max(Math.round(ms * US_PER_MS), 1), LONGEST_MS * US_PER_MS));
}

function percentilesOf(histogram: RecordableHistogram): Percentiles | null {
  if (histogram.count === 0) return null;
  const at = (percentile: number) => inMs(histogram.percentile(percentile));
  return { p50: at(50), p90: at(90), p99: at(99), max: inMs(histogram.max) };
}

/** To a hundredth: the clocks of a busy machine know no more. */
function inMs(us: number): number {
  return Math.round(us / 10) / 100;
}
