import type { RecordedRun, RecordedSend } from '../history/recorded-run.ts';

/**
 * SENDs of one session to one room that lie in the log in another order than they were sent in. Only receipted ones are
 * promised, and only a message's first SEND: another may repeat one that already lies in the log.
 */
export function findSenderReorderings(run: RecordedRun): readonly string[] {
  const firsts = new Set(new Map(run.sends.toReversed().map((send) => [send.clientKey, send])).values());
  const lines = Map.groupBy(run.sends.filter(isReceipted), ({ session, room }) => `${session.id} ${room}`);
  return [...lines.values()].flatMap((sends) => overtaken(run, sends, firsts));
}

function overtaken(
  run: RecordedRun,
  sends: readonly RecordedSend[],
  firsts: ReadonlySet<RecordedSend>,
): readonly string[] {
  let furthest = -1;
  return sends.flatMap((send) => {
    const place = run.findByClientKey(send.clientKey)?.place;
    if (place === undefined) return []; // a lost message is told elsewhere
    const isEarly = place < furthest && firsts.has(send);
    furthest = Math.max(furthest, place);
    return isEarly
      ? [`${send.clientKey}, sent at ${send.at} ms, lies before one that its session had sent earlier`]
      : [];
  });
}

function isReceipted({ answers }: RecordedSend): boolean {
  return answers.some(({ code }) => code === null);
}
