import type { Delivery, RecordedRun, RecordedSubscription } from './recorded-run.ts';

/** One message of a stream, with the subscription that it came on. */
export interface StreamStep {
  readonly delivery: Delivery;
  readonly subscription: RecordedSubscription;
  /** The id that the client had last when this one came; null at the beginning of a stream. */
  readonly after: string | null;
  /** Messages may be missing right before this one, because the subscription said `recovered: false` or never said. */
  readonly mayFollowGap: boolean;
}

/** What one client saw of one room without a fresh start: a subscription and those that went on with `since`. */
export interface Stream {
  readonly client: number;
  readonly room: number;
  readonly subscriptions: readonly RecordedSubscription[];
  readonly steps: readonly StreamStep[];
  /** The last id seen; where nothing came, the `since` it began with. */
  readonly last: string | null;
}

interface OpenStream {
  readonly client: number;
  readonly room: number;
  readonly subscriptions: RecordedSubscription[];
  readonly steps: StreamStep[];
  last: string | null;
}

/**
 * The streams of a run. A subscription continues its client's stream of the room where its `since` is the last id seen
 * there; any other begins a new one, and so does one that could not recover because its instance had not come to `since`:
 * the client is told to merge what follows by id.
 */
export function streamsOf(run: RecordedRun): readonly Stream[] {
  const streams: OpenStream[] = [];
  const newest = new Map<string, OpenStream>();
  for (const subscription of run.subscriptions) {
    const { session, room, since } = subscription;
    const key = `${session.client} ${room}`;
    let stream = newest.get(key);
    if (stream === undefined || since === null || stream.last !== since || goesBack(run, subscription, since)) {
      stream = { client: session.client, room, subscriptions: [], steps: [], last: since };
      streams.push(stream);
      newest.set(key, stream);
    }
    stream.subscriptions.push(subscription);
    addSteps(stream, subscription);
  }
  return streams;
}

function addSteps(stream: OpenStream, subscription: RecordedSubscription): void {
  const gap = placeOfGap(subscription);
  subscription.deliveries.forEach((delivery, index) => {
    stream.steps.push({ delivery, subscription, after: stream.last, mayFollowGap: index === gap });
    stream.last = delivery.id;
  });
}

/** Whether it began live before `since`, and did not claim to have recovered. */
function goesBack(run: RecordedRun, subscription: RecordedSubscription, since: string): boolean {
  const [first] = subscription.deliveries;
  if (first === undefined || first.replayed || !mayBeUnrecovered(subscription)) return false;
  const placeOf = (id: string) => run.find(subscription.room, id)?.place ?? Infinity;
  return placeOf(first.id) <= placeOf(since);
}

/** One that was never confirmed may have been about to say `recovered: false`. */
function mayBeUnrecovered({ confirmedAt, recovered }: RecordedSubscription): boolean {
  return confirmedAt === null || recovered === false;
}

/**
 * Where the messages that a subscription could not recover would be missing: before its first live message, which comes
 * behind what was replayed.
 */
function placeOfGap(subscription: RecordedSubscription): number | null {
  if (subscription.since === null || !mayBeUnrecovered(subscription)) return null;
  return subscription.deliveries.findIndex(({ replayed }) => !replayed);
}
