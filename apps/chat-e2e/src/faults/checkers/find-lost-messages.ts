import type { RecordedRun, RecordedSend } from '../history/recorded-run.ts';

/** Acknowledged messages that Kafka does not have, and messages of Kafka that Postgres does not have. */
export function findLostMessages(run: RecordedRun): readonly string[] {
  return [...lostByKafka(run), ...lostByPostgres(run)];
}

function lostByKafka(run: RecordedRun): readonly string[] {
  const acknowledged = new Map(run.sends.filter(isAcknowledged).map((send) => [send.clientKey, send]));
  return [...acknowledged.values()]
    .filter(({ clientKey }) => run.findByClientKey(clientKey) === null)
    .map(({ clientKey, at }) => `${clientKey}, acknowledged after its SEND at ${at} ms, is missing from Kafka`);
}

function lostByPostgres(run: RecordedRun): readonly string[] {
  const stored = new Set(run.rows.map(({ partition, offset }) => `${partition} ${offset}`));
  return [...run.rooms.values()]
    .flat()
    .filter(({ partition, offset }) => !stored.has(`${partition} ${offset}`))
    .map(({ room, id, partition, offset }) => {
      const where = `on partition ${partition} at ${offset}`;
      return `message ${id} of room ${room} lies in Kafka ${where} and is missing from Postgres`;
    });
}

/** Whether a RECEIPT came for it. */
function isAcknowledged({ answers }: RecordedSend): boolean {
  return answers.some(({ code }) => code === null);
}
