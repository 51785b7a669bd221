import { nextCalm } from '../history/calm.ts';
import type { RecordedRun, RecordedSubscription } from '../history/recorded-run.ts';
import { streamsOf, type Stream } from '../history/streams.ts';
import type { VisibleMessage } from '../history/visible-messages.ts';

/** From a message's RECEIPT to every subscriber having it while nothing is broken, in ms. */
export const DELIVERY_DEADLINE_MS = 5_000;

/**
 * Messages that a client should have got and did not: between two that it got of one stream; behind the last one of a
 * subscription that was open when all was quiet; and what was sent after a SUBSCRIBE's RECEIPT and acknowledged long
 * enough before the subscription's end. What a subscription said it could not recover is not missed.
 */
export function findMissedDeliveries(run: RecordedRun): readonly string[] {
  const acknowledged = Map.groupBy(acknowledgedMessages(run), ({ message: { room } }) => room);
  const missed = [
    ...run.subscriptions.flatMap((subscription) =>
      missedWhileOpen(subscription, acknowledged.get(subscription.room) ?? []),
    ),
    ...streamsOf(run).flatMap((stream) => [...missedBetween(run, stream), ...missedAtEnd(run, stream)]),
  ];
  const once = new Map(missed.map((one) => [`${one.client} ${one.message.room} ${one.message.id}`, one]));
  return [...once.values()].map(
    ({ client, message: { id, room }, where }) =>
      `client ${client} did not get message ${id} of room ${room}: ${where}`,
  );
}

interface Missed {
  readonly client: number;
  readonly message: VisibleMessage;
  readonly where: string;
}

function missedBetween(run: RecordedRun, { client, room, steps }: Stream): readonly Missed[] {
  const messages = run.rooms.get(room) ?? [];
  return steps.flatMap(({ delivery: { id }, after, mayFollowGap }) => {
    if (after === null || mayFollowGap) return [];
    const from = run.find(room, after)?.place;
    const to = run.find(room, id)?.place;
    if (from === undefined || to === undefined) return [];
    return messages.slice(from + 1, to).map((message) => ({ client, message, where: `between ${after} and ${id}` }));
  });
}

/** A stream that was confirmed and open at the end has everything there is behind its last message. */
function missedAtEnd(run: RecordedRun, { client, room, subscriptions, last }: Stream): readonly Missed[] {
  const subscription = subscriptions.at(-1);
  if (subscription?.isOpenAtEnd !== true || subscription.confirmedAt === null || last === null) return [];
  if (subscription.recovered === false && subscription.deliveries.length === 0) return [];
  const place = run.find(room, last)?.place;
  if (place === undefined) return [];
  const missed = (run.rooms.get(room) ?? []).slice(place + 1);
  return missed.map((message) => ({ client, message, where: `behind ${last}, the last it got` }));
}

function missedWhileOpen(
  { confirmedAt, endedAt, session, deliveries, room }: RecordedSubscription,
  acknowledged: readonly AcknowledgedMessage[],
): readonly Missed[] {
  if (confirmedAt === null) return [];
  const got = new Set(deliveries.map(({ id }) => id));
  return acknowledged
    .filter(({ message, sentAt, dueAt }) => sentAt > confirmedAt && dueAt < endedAt && !got.has(message.id))
    .map(({ message }) => ({
      client: session.client,
      message,
      where: `sent and acknowledged while it was subscribed to ${room}`,
    }));
}

interface AcknowledgedMessage {
  readonly message: VisibleMessage;
  /** Of its first SEND. */
  readonly sentAt: number;
  /** By when every subscriber must have it. */
  readonly dueAt: number;
}

function acknowledgedMessages(run: RecordedRun): readonly AcknowledgedMessage[] {
  const byKey = Map.groupBy(run.sends, ({ clientKey }) => clientKey);
  return [...byKey].flatMap(([clientKey, sends]) => {
    const message = run.findByClientKey(clientKey);
    const receipts = sends.flatMap(({ answers }) => answers.filter(({ code }) => code === null));
    if (message === null || receipts[0] === undefined) return [];
    const acknowledgedAt = Math.min(...receipts.map(({ at }) => at));
    const dueAt = nextCalm(run.faults, acknowledgedAt, DELIVERY_DEADLINE_MS) + DELIVERY_DEADLINE_MS;
    return [{ message, sentAt: sends[0]?.at ?? acknowledgedAt, dueAt }];
  });
}
