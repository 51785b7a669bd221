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
 * there; any other begins a new one.
 */
export function streamsOf({ subscriptions }: RecordedRun): readonly Stream[] {
  const streams: OpenStream[] = [];
  const newest = new Map<string, OpenStream>();
  for (const subscription of subscriptions) {
    const { session, room, since } = subscription;
    const key = `${session.client} ${room}`;
    let stream = newest.get(key);
    if (stream === undefined || since === null || stream.last !== since) {
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

/**
 * Where the messages that a subscription could not recover would be missing: before its first live message, which comes
 * behind what was replayed. One that was never confirmed may have been about to say `recovered: false`.
 */
function placeOfGap({ since, confirmedAt, recovered, deliveries }: RecordedSubscription): number | null {
  if (since === null || (confirmedAt !== null && recovered !== false)) return null;
  return deliveries.findIndex(({ replayed }) => !replayed);
}
