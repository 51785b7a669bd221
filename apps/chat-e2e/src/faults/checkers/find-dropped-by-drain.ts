import type { RecordedRun, RecordedSend } from '../history/recorded-run.ts';

/** Close code of an instance that restarts. */
const RESTART = 1012;

/**
 * SENDs that a gateway published before it ended their session for a restart, and never answered: a drain answers what it
 * has taken. What it did not read is nobody's, and one that was sent before may have been published by another SEND.
 */
export function findDroppedByDrain(run: RecordedRun): readonly string[] {
  return run.sends
    .filter((send) => send.session.closeCode === RESTART && send.answers.length === 0 && !send.isResend)
    .filter((send) => wasTaken(run, send))
    .map(
      ({ session, receipt, at }) =>
        `${receipt} of session ${session.id} (client ${session.client} at ${session.gateway}), sent at ${at} ms, was published and not answered before the drain closed at ${session.endedAt} ms`,
    );
}

function wasTaken(run: RecordedRun, { session, clientKey }: RecordedSend): boolean {
  const [begin] = run.listOf('run');
  const beganAt = (begin?.startedAt ?? 0) - (begin?.at ?? 0);
  return run
    .listOf('record')
    .some(
      (record) =>
        record.clientKey === clientKey &&
        record.source === session.gateway &&
        record.sentAt !== null &&
        record.sentAt - beganAt <= session.endedAt,
    );
}
