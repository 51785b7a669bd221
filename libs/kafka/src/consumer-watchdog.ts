import { pause, withDeadline } from '@chat/service-kit';
import type { LogRange } from './log-ends.ts';
import { ProgressWatch } from './progress-watch.ts';

/** Looks within the time that a consumer may stand still. */
const LOOKS_PER_DEADLINE = 4;
/** Longest that one look may take, in ms. */
const LOOK_DEADLINE_MS = 5_000;
/** How long a consumer may stand still while there is something to read and the brokers answer, in ms (P11). */
export const PROGRESS_DEADLINE_MS = 20_000;
/** Name under which the fetch loop itself is watched. */
const FETCH_LOOP = 'fetch loop';

/** What the watchdog looks at: a partition and where its reader stands. */
export interface WatchedPlace {
  /** Name on the cluster. */
  readonly topic: string;
  readonly partition: number;
  readonly fetchOffset: number;
  /** It stands still on purpose. */
  readonly isPaused: boolean;
}

/** By topic and partition. */
type LogRanges = ReadonlyMap<string, ReadonlyMap<number, LogRange>>;

export interface ConsumerWatchdogOptions {
  readonly topics: readonly string[];
  readonly fetchLogRanges: (topic: string) => Promise<ReadonlyMap<number, LogRange>>;
  readonly places: () => readonly WatchedPlace[];
  /** How often the client has fetched, ever. */
  readonly fetchCount: () => number;
  readonly onDeaf: (reason: string) => void;
  /** Told at each look how many offsets the places of a topic lie before the ends of their logs. */
  readonly onLag?: ((topic: string, offsets: number) => void) | undefined;
  /** How long the consumer may stand still while there is something to read and the brokers answer, in ms. */
  readonly progressDeadlineMs: number;
}

/**
 * Tells when a consumer lives but hears nothing: a partition that lags without moving, a position outside the log (kafkajs
 * would silently go elsewhere), a fetch loop that has stopped. Time counts only while the brokers answer.
 */
export class ConsumerWatchdog {
  readonly #options: ConsumerWatchdogOptions;
  readonly #watch: ProgressWatch;
  #stopping: AbortController | null = null;

  constructor(options: ConsumerWatchdogOptions) {
    this.#options = options;
    this.#watch = new ProgressWatch(options.progressDeadlineMs);
  }

  start(): void {
    this.#stopping ??= new AbortController();
    void this.#run(this.#stopping.signal);
  }

  stop(): void {
    this.#stopping?.abort();
    this.#stopping = null;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.#options.progressDeadlineMs / LOOKS_PER_DEADLINE, signal);
      if (signal.aborted) return;
      const reason = await this.#look();
      if (reason === null || signal.aborted) continue;
      this.#options.onDeaf(reason);
      return;
    }
  }

  async #look(): Promise<string | null> {
    const before = new Map(this.#options.places().map((place) => [nameOf(place), place.fetchOffset]));
    const ranges = await this.#askRanges();
    if (ranges === null) {
      this.#watch.forgetAll();
      return null;
    }
    this.#tellLags(ranges);
    const now = performance.now();
    this.#watch.beginLook(now);
    for (const place of this.#options.places()) {
      const range = ranges.get(place.topic)?.get(place.partition);
      if (range === undefined) continue;
      const reason = this.#judge(place, before.get(nameOf(place)) ?? place.fetchOffset, range, now);
      if (reason !== null) return reason;
    }
    const isStuck = this.#watch.isStuck(FETCH_LOOP, this.#options.fetchCount(), Infinity, now);
    return isStuck ? 'the consumer has stopped fetching' : null;
  }

  #tellLags(ranges: LogRanges): void {
    const { topics, places, onLag } = this.#options;
    const lags = new Map(topics.map((topic) => [topic, 0]));
    for (const { topic, partition, fetchOffset } of places()) {
      const end = ranges.get(topic)?.get(partition)?.end ?? fetchOffset;
      lags.set(topic, (lags.get(topic) ?? 0) + Math.max(0, end - fetchOffset));
    }
    for (const [topic, offsets] of lags) onLag?.(topic, offsets);
  }

  /** `before` was read before the range was asked for, so that the log's end cannot lie below it by mere delay. */
  #judge(place: WatchedPlace, before: number, range: LogRange, now: number): string | null {
    const name = nameOf(place);
    if (place.fetchOffset < range.start) return `the log of ${name} begins behind the position ${place.fetchOffset}`;
    if (before > range.end) return `the log of ${name} ends before the position ${before}`;
    if (place.isPaused) {
      this.#watch.forget(name);
      return null;
    }
    return this.#watch.isStuck(name, place.fetchOffset, range.end, now)
      ? `${name} has stood still at ${place.fetchOffset} although the log goes to ${range.end}`
      : null;
  }

  async #askRanges(): Promise<LogRanges | null> {
    const { topics, fetchLogRanges } = this.#options;
    const asked = Promise.all(topics.map(async (topic) => [topic, await fetchLogRanges(topic)] as const));
    try {
      return new Map(await withDeadline(asked, LOOK_DEADLINE_MS, 'asking for the ends of the log'));
    } catch {
      return null; // the brokers do not answer: nobody can be blamed for standing still
    }
  }
}

function nameOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`;
}
