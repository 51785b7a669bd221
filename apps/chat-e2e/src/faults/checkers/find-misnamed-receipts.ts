import type { RecordedRun, RecordedSend } from '../history/recorded-run.ts';

/**
 * RECEIPTs of SENDs whose `message-id` is not that of the message. Where two SENDs raced with one key, the one that was not
 * marked as a resend may be told its own id (DESIGN §3.2).
 */
export function findMisnamedReceipts(run: RecordedRun): readonly string[] {
  const byKey = Map.groupBy(run.sends, ({ clientKey }) => clientKey);
  return run.sends.flatMap((send) => {
    const message = run.findByClientKey(send.clientKey);
    const rivals = byKey.get(send.clientKey) ?? [];
    if (message === null) return []; // a lost message is told elsewhere
    return send.answers
      .filter(({ code, messageId }) => code === null && messageId !== message.id)
      .filter(({ at }) => send.isResend || !hasRival(send, rivals, at))
      .map(({ messageId }) => `the RECEIPT of ${send.clientKey} names ${messageId}; the message is ${message.id}`);
  });
}

/** Whether another SEND of the same key had been sent by then. */
function hasRival(send: RecordedSend, sends: readonly RecordedSend[], until: number): boolean {
  return sends.some((other) => other !== send && other.at <= until);
}
