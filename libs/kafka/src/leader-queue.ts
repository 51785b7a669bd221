/** What one request may carry, in bytes of records; a single append may be larger. */
export const REQUEST_MAX_BYTES = 1_048_576;
/** Requests that one leader has to answer at the same time. It answers them one after another, so more of them only wait there. */
export const REQUESTS_IN_FLIGHT = 2;

/** Records on their way to one partition. */
export interface QueuedAppend {
  /** Topic and partition. */
  readonly place: string;
  readonly bytes: number;
}

/** Sends them in one request. Never rejects: each append is told its own outcome. */
export type SendTogether<Append> = (appends: readonly Append[]) => Promise<void>;

/**
 * The appends to all partitions of one leader. Whatever is added while the leader has enough to answer goes together in the
 * next request, as does what is added in one turn: fewer requests under load, no wait without.
 */
export class LeaderQueue<Append extends QueuedAppend> {
  readonly #send: SendTogether<Append>;
  #waiting: Append[] = [];
  #runningCount = 0;

  constructor(send: SendTogether<Append>) {
    this.#send = send;
  }

  add(append: Append): void {
    this.#waiting.push(append);
    if (this.#runningCount < REQUESTS_IN_FLIGHT) void this.#run();
  }

  async #run(): Promise<void> {
    this.#runningCount += 1;
    await null; // whatever is added in the same turn goes along
    for (let next = this.#take(); next.length > 0; next = this.#take()) await this.#send(next);
    this.#runningCount -= 1;
  }

  /** Each partition once: a request may not name one twice. */
  #take(): readonly Append[] {
    const [taken, left]: [Append[], Append[]] = [[], []];
    const places = new Set<string>();
    let bytes = 0;
    for (const append of this.#waiting) {
      const fits = taken.length === 0 || bytes + append.bytes <= REQUEST_MAX_BYTES;
      if (!fits || places.has(append.place)) {
        left.push(append);
        continue;
      }
      taken.push(append);
      places.add(append.place);
      bytes += append.bytes;
    }
    this.#waiting = left;
    return taken;
  }
}
