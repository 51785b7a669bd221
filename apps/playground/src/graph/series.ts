/** What a point of the graph is about: until the sender has the RECEIPT, or until the other user has the message. */
export const MEASURES = ['receipt', 'seen'] as const;
export type Measure = (typeof MEASURES)[number];

export interface Sample {
  /** When it was measured, in ms of `performance.now()`; never before that of the sample before it. */
  readonly at: number;
  readonly measure: Measure;
  readonly latencyMs: number;
}

/** What the graph shows. */
export const WINDOW_MS = 60_000;
export const BUCKET_MS = 1_000;
/** What is kept at most; the eldest go first. */
export const SAMPLES_MAX_COUNT = 6_000;

/** The samples with these behind them, without those that are out of the window of the newest. */
export function addSamples(samples: readonly Sample[], added: readonly Sample[]): readonly Sample[] {
  const newest = added.at(-1);
  if (newest === undefined) return samples;
  const from = newest.at - WINDOW_MS - BUCKET_MS;
  return [...samples, ...added].slice(-SAMPLES_MAX_COUNT).filter(({ at }) => at >= from);
}

/** A second of the graph. Latencies are null where nothing was measured. */
export interface Bucket {
  /** Of its start, in ms. */
  readonly at: number;
  /** Messages that were acknowledged. */
  readonly rate: number;
  readonly p50: Readonly<Record<Measure, number | null>>;
}

/** The whole seconds of the window that ends at `now`, the eldest first; the last one may still go on. */
export function bucketsOf(samples: readonly Sample[], now: number): readonly Bucket[] {
  const last = Math.floor(now / BUCKET_MS);
  const first = last - WINDOW_MS / BUCKET_MS + 1;
  const groups = Map.groupBy(samples, ({ at }) => Math.floor(at / BUCKET_MS));
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const group = groups.get(first + index) ?? [];
    const receipts = latenciesOf(group, 'receipt');
    return {
      at: (first + index) * BUCKET_MS,
      rate: (receipts.length * 1_000) / BUCKET_MS,
      p50: { receipt: percentile(receipts, 0.5), seen: percentile(latenciesOf(group, 'seen'), 0.5) },
    };
  });
}

export interface Summary {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

/** What the samples of the window that ends at `now` say in three numbers. */
export function summarize(samples: readonly Sample[], measure: Measure, now: number): Summary {
  const latencies = latenciesOf(
    samples.filter(({ at }) => at > now - WINDOW_MS),
    measure,
  );
  return { count: latencies.length, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

function latenciesOf(samples: readonly Sample[], measure: Measure): readonly number[] {
  return samples.filter((sample) => sample.measure === measure).map(({ latencyMs }) => latencyMs);
}

/** The smallest value that this share of the values does not exceed (nearest rank); null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
