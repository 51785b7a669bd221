import { clientKeyOf } from '@chat/kafka-contracts';
import type { EventOf } from '../history/history-event.ts';
import type { Delivery, RecordedRun, RecordedSubscription } from '../history/recorded-run.ts';

/** Messages in Kafka, in Postgres and at clients that nobody sent, or that are not what was sent. */
export function findPhantoms(run: RecordedRun): readonly string[] {
  const rows = run.rows.filter((row) => !isStoredAsSent(run, row));
  return [
    ...unsentInKafka(run),
    ...rows.map(({ room, id, offset }) => `row ${id} of room ${room} from offset ${offset} is no message of the log`),
    ...run.subscriptions.flatMap((subscription) => unsentAtClient(run, subscription)),
  ];
}

function unsentInKafka(run: RecordedRun): readonly string[] {
  const sent = new Set(run.sends.map(({ clientKey }) => clientKey));
  const produced = new Set(
    run
      .listOf('produced')
      .filter(({ isCommitted }) => isCommitted)
      .map(({ room, eventId }) => `${room}:${eventId}`),
  );
  return [...run.rooms.values()]
    .flat()
    .filter(({ clientKey, eventKey }) => !sent.has(clientKey ?? '') && !produced.has(eventKey ?? ''))
    .map(({ room, id, offset }) => `message ${id} of room ${room} at offset ${offset} was sent by nobody`);
}

function isStoredAsSent(run: RecordedRun, { room, id, partition, offset, sender }: EventOf<'row'>): boolean {
  const message = run.find(room, id);
  return message?.partition === partition && message.offset === offset && message.sender === sender;
}

function unsentAtClient(run: RecordedRun, { room, session, deliveries }: RecordedSubscription): readonly string[] {
  return deliveries
    .filter((delivery) => !isDeliveredAsSent(run, room, delivery))
    .map(
      ({ id, at }) => `client ${session.client} got ${id} in room ${room} at ${at} ms, which is no message of the log`,
    );
}

function isDeliveredAsSent(run: RecordedRun, room: number, { id, sender, clientMessageId }: Delivery): boolean {
  const message = run.find(room, id);
  if (message === null || (sender !== null && sender !== message.sender)) return false;
  return clientMessageId === null || message.clientKey === clientKeyOf(message.sender, room, clientMessageId);
}
