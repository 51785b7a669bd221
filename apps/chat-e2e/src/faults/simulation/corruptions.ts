import type { Rule } from '../checkers/check-history.ts';
import { addedBehind, changed, is, swapped, without, type Events } from '../history/edits.ts';
import type { EventOf, EventType, HistoryEvent } from '../history/history-event.ts';
import {
  recordedRun,
  type Delivery,
  type RecordedRun,
  type RecordedSend,
  type RecordedSubscription,
} from '../history/recorded-run.ts';
import { streamsOf, type StreamStep } from '../history/streams.ts';
import type { Random } from '../random.ts';

/** One way for a good history to become bad. */
export interface Corruption {
  readonly name: string;
  /** The rule that must notice. */
  readonly breaks: Rule;
  /** Null where the history has no place for it. */
  readonly corrupt: (events: Events, random: Random) => Events | null;
}

/** Picks one of those that a history has, and does something to it. */
function withOne<Value>(
  listOf: (run: RecordedRun) => readonly Value[],
  apply: (events: Events, value: Value, random: Random) => Events | null,
): Corruption['corrupt'] {
  return (events, random) => {
    const values = listOf(recordedRun(events));
    return values.length === 0 ? null : apply(events, random.pick(values), random);
  };
}

const ofType =
  <Type extends EventType>(type: Type, isChosen: (event: EventOf<Type>, run: RecordedRun) => boolean = () => true) =>
  (run: RecordedRun) =>
    run.listOf(type).filter((event) => isChosen(event, run));

const exactly =
  <Event extends HistoryEvent>(chosen: Event) =>
  (event: HistoryEvent): event is Event =>
    event === chosen;

/** Steps in the middle of what one subscription got, where nothing may be missing. */
const inTheMiddle = (run: RecordedRun): readonly StreamStep[] =>
  streamsOf(run).flatMap(({ steps }) =>
    steps.filter((step, index) => {
      const before = steps[index - 1];
      const behind = steps[index + 1];
      const isInside = before?.subscription === step.subscription && behind?.subscription === step.subscription;
      return isInside && !step.mayFollowGap && !behind.mayFollowGap;
    }),
  );
const hasPrevBehind = (delivery: Delivery, { deliveries }: RecordedSubscription): boolean =>
  deliveries[deliveries.indexOf(delivery) + 1]?.prev !== null;
/** The first of what a subscription resumed with `since` was given again, with more behind it. */
const firstReplayed = (run: RecordedRun): readonly StreamStep[] =>
  streamsOf(run).flatMap(({ steps }) =>
    steps.filter(
      ({ delivery, subscription }) =>
        subscription.recovered === true &&
        subscription.deliveries.length > 1 &&
        subscription.deliveries[0] === delivery,
    ),
  );
/** The last of at least two that a subscription got which was open at the end. */
const lastOfAll = (run: RecordedRun) =>
  run.subscriptions
    .filter(({ isOpenAtEnd, deliveries }) => isOpenAtEnd && deliveries.length > 1)
    .map(({ deliveries }) => deliveries.at(-1)!);
const acknowledged = ({ sends }: RecordedRun): readonly RecordedSend[] =>
  sends.filter(({ answers }) => answers.some(({ messageId }) => messageId !== null));
/** RECEIPTs of SENDs on sessions that were open at the end. */
const receiptsOfOpen = ofType('receipt', ({ session, messageId }, run) => {
  return messageId !== null && !run.listOf('closed').some((closed) => closed.session === session);
});
const isRowFrom =
  (room: number, seq: number) =>
  (event: HistoryEvent): event is EventOf<'row'> =>
    is('row', { room })(event) && event.seq! >= seq;
const prevLess = (events: Events): Events =>
  events.map((event) => (event.type === 'message' ? { ...event, prev: null } : event));

export const CORRUPTIONS: readonly Corruption[] = [
  {
    name: 'an acknowledged message that Kafka does not have',
    breaks: 'nothing acknowledged is lost',
    corrupt: withOne(acknowledged, (events, { clientKey }) => without(events, is('record', { clientKey }))),
  },
  {
    name: 'a message that Postgres does not have',
    breaks: 'nothing acknowledged is lost',
    corrupt: withOne(ofType('row'), (events, row) => without(events, exactly(row))),
  },
  {
    name: 'a message that came twice on one subscription',
    breaks: 'nothing is seen or stored twice',
    corrupt: withOne(ofType('message'), (events, message) => addedBehind(events, exactly(message), { ...message })),
  },
  {
    name: 'a message under one key that came with two ids',
    breaks: 'nothing is seen or stored twice',
    corrupt: withOne(
      ofType('message', ({ clientMessageId }) => clientMessageId !== null),
      (events, message) => addedBehind(events, exactly(message), { ...message, id: 'another' }),
    ),
  },
  {
    name: 'a row that stands there twice',
    breaks: 'nothing is seen or stored twice',
    corrupt: withOne(ofType('row'), (events, row) =>
      addedBehind(events, exactly(row), { ...row, offset: row.offset + 0.5 }),
    ),
  },
  {
    name: 'a message missing in the middle',
    breaks: 'no gap is silent',
    corrupt: withOne(
      (run) => inTheMiddle(run).filter(({ delivery, subscription }) => hasPrevBehind(delivery, subscription)),
      (events, { delivery }) => without(events, exactly(delivery)),
    ),
  },
  {
    name: 'a message missing in the middle, where no prev tells',
    breaks: 'a subscription gets everything',
    corrupt: withOne(inTheMiddle, (events, { delivery }) => prevLess(without(events, exactly(delivery)))),
  },
  {
    name: 'a message missing in front of what was replayed',
    breaks: 'a subscription gets everything',
    corrupt: withOne(firstReplayed, (events, { delivery }) => prevLess(without(events, exactly(delivery)))),
  },
  {
    name: 'a last message that never came',
    breaks: 'a subscription gets everything',
    corrupt: withOne(lastOfAll, (events, delivery) => without(events, exactly(delivery))),
  },
  {
    name: 'two messages that came in the wrong order',
    breaks: 'all agree on one order',
    corrupt: withOne(inTheMiddle, (events, { delivery, subscription: { deliveries } }) => {
      const behind = deliveries[deliveries.indexOf(delivery) + 1];
      return behind === undefined ? null : swapped(events, delivery, behind);
    }),
  },
  {
    name: 'a prev that is not the message before',
    breaks: 'no gap is silent',
    corrupt: withOne(
      ofType('message', ({ prev }) => prev !== null),
      (events, message) => changed(events, exactly(message), ({ id }) => ({ prev: id })),
    ),
  },
  {
    name: 'a hole in the numbers of a room',
    breaks: 'all agree on one order',
    corrupt: withOne(ofType('row'), (events, { room, seq }) =>
      changed(events, isRowFrom(room, seq!), (row) => ({ seq: row.seq! + 1 })),
    ),
  },
  {
    name: 'two rows with each other’s number',
    breaks: 'all agree on one order',
    corrupt: withOne(
      ofType('row', ({ seq }) => seq! > 1),
      (events, { room, seq }) => {
        const isNumber = (number: number) => is('row', { room, seq: number });
        const before = events.find(isNumber(seq! - 1))!;
        return changed(
          changed(events, isNumber(seq!), () => ({ seq: seq! - 1 })),
          exactly(before as EventOf<'row'>),
          () => ({ seq }),
        );
      },
    ),
  },
  {
    name: 'a delivered message that nobody sent',
    breaks: 'nothing is there that nobody sent',
    corrupt: withOne(ofType('message'), (events, message) =>
      addedBehind(events, exactly(message), { ...message, id: 'made up', clientMessageId: null }),
    ),
  },
  {
    name: 'a row that no record stands for',
    breaks: 'nothing is there that nobody sent',
    corrupt: withOne(ofType('row'), (events, row) =>
      addedBehind(events, exactly(row), { ...row, id: 'made up', offset: row.offset + 0.5, clientMessageId: null }),
    ),
  },
  {
    name: 'a record that nobody sent',
    breaks: 'nothing is there that nobody sent',
    corrupt: withOne(acknowledged, (events, { clientKey }) =>
      changed(events, is('record', { clientKey }), () => ({ clientKey: 'made up' })),
    ),
  },
  {
    name: 'a message of an aborted transaction that is seen',
    breaks: 'nothing is there that nobody sent',
    corrupt: withOne(
      ofType('produced', ({ isCommitted }) => isCommitted),
      (events, produced) => changed(events, exactly(produced), () => ({ isCommitted: false })),
    ),
  },
  {
    name: 'a RECEIPT with the id of another message',
    breaks: 'a RECEIPT names the message',
    corrupt: withOne(receiptsOfOpen, (events, receipt) =>
      changed(events, exactly(receipt), () => ({ messageId: 'another' })),
    ),
  },
  {
    name: 'two messages of a sender in the log as they were not sent',
    breaks: 'a sender’s messages keep their order',
    corrupt: withOne(pairsOfSends, (events, [first, second]) => withEachOthersKey(events, first, second)),
  },
  {
    name: 'a frame without an answer',
    breaks: 'every frame is answered once, in time',
    corrupt: withOne(receiptsOfOpen, (events, receipt) => without(events, exactly(receipt))),
  },
  {
    name: 'a frame with two answers',
    breaks: 'every frame is answered once, in time',
    corrupt: withOne(ofType('receipt'), (events, receipt) => addedBehind(events, exactly(receipt), { ...receipt })),
  },
  {
    name: 'an answer that nobody asked for',
    breaks: 'every frame is answered once, in time',
    corrupt: withOne(ofType('receipt'), (events, receipt) =>
      addedBehind(events, exactly(receipt), { ...receipt, receipt: 'made up' }),
    ),
  },
  {
    name: 'an answer that came too late',
    breaks: 'every frame is answered once, in time',
    corrupt: withOne(receiptsOfOpen, (events, receipt) =>
      changed(events, exactly(receipt), ({ at }) => ({ at: at + 30_000 })),
    ),
  },
  {
    name: 'a drain that ends a session before it has answered',
    breaks: 'a drain answers what it has taken',
    corrupt: withOne(
      (run) =>
        acknowledged(run).filter(
          ({ session, clientKey, isResend }) =>
            session.closeCode === 1012 &&
            !isResend &&
            run.sends.filter((send) => send.clientKey === clientKey).length === 1,
        ),
      (events, { session: { id: session }, receipt }) => without(events, is('receipt', { session, receipt })),
    ),
  },
  {
    name: 'a refusal of what anybody may send',
    breaks: 'nothing is refused for good',
    corrupt: withOne(ofType('error'), (events, error) => changed(events, exactly(error), () => ({ retryable: false }))),
  },
  {
    name: 'an instance that was not ready in time',
    breaks: 'everything is as before after a fault',
    corrupt: withOne(ofType('ready'), (events, ready) => changed(events, exactly(ready), () => ({ afterMs: 30_001 }))),
  },
  {
    name: 'rows that never came',
    breaks: 'everything is as before after a fault',
    corrupt: withOne(ofType('caughtUp'), (events, caughtUp) =>
      changed(events, exactly(caughtUp), () => ({ afterMs: null })),
    ),
  },
  {
    name: 'a recovery that nobody looked at',
    breaks: 'everything is as before after a fault',
    corrupt: withOne(ofType('firstMessage'), (events, firstMessage) => without(events, exactly(firstMessage))),
  },
  {
    name: 'an instance that holds more than before',
    breaks: 'nothing grows',
    corrupt: withOne(
      ofType('usage', ({ isAfter }) => isAfter),
      (events, usage, random) => {
        const more = random.pick([{ memoryBytes: 100_000_000 }, { handleCount: 51 }, { connectionCount: 31 }]);
        return changed(events, exactly(usage), () => more);
      },
    ),
  },
  {
    name: 'a token in a log',
    breaks: 'nothing leaks into a log',
    corrupt: (events) => addedBehind(events, is('run'), { type: 'leak', at: 0, what: 'a token', place: 'app.log' }),
  },
  {
    name: 'a fault that could not be brought about',
    breaks: 'the history is whole',
    corrupt: (events) => addedBehind(events, is('run'), { type: 'undone', at: 0, name: 'F1', reason: 'no reason' }),
  },
  {
    name: 'a history that was cut off',
    breaks: 'the history is whole',
    corrupt: (events) => without(events, is('ended')),
  },
];

/** Two receipted first SENDs of one session to one room, neither of which was sent again. */
function pairsOfSends(run: RecordedRun): readonly (readonly [RecordedSend, RecordedSend])[] {
  const once = acknowledged(run).filter(
    ({ clientKey }) => run.sends.filter((send) => send.clientKey === clientKey).length === 1,
  );
  const lines = Map.groupBy(once, ({ session, room }) => `${session.id} ${room}`);
  return [...lines.values()].flatMap(([first, second]) =>
    first !== undefined && second !== undefined ? [[first, second] as const] : [],
  );
}

function withEachOthersKey(events: Events, first: RecordedSend, second: RecordedSend): Events {
  const keyOf = ({ clientKey }: RecordedSend) => clientKey.slice(clientKey.lastIndexOf(':') + 1);
  const give = (to: Events, { session: { id: session }, receipt }: RecordedSend, other: RecordedSend) => {
    const messageId = other.answers[0]?.messageId ?? null;
    const renamed = changed(to, is('send', { session, receipt }), () => ({ clientMessageId: keyOf(other) }));
    return changed(renamed, is('receipt', { session, receipt }), () => ({ messageId }));
  };
  return give(give(events, first, second), second, first);
}
