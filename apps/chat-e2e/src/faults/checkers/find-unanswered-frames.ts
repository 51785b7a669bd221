import { frozenMs } from '../history/calm.ts';
import type { Asked, RecordedRun } from '../history/recorded-run.ts';

/** By when a frame with a receipt header has its RECEIPT or error, in ms. */
export const ANSWER_DEADLINE_MS = 5_000;

/**
 * Frames with a receipt header that had no answer, more than one, or one too late, unless their connection ended first.
 * Time in which gateway or client was frozen by a fault, or the harness itself was late, does not count.
 */
export function findUnansweredFrames(run: RecordedRun): readonly string[] {
  const unasked = run.unasked.map(
    ({ session, receipt, at }) => `session ${session} was answered ${receipt} at ${at} ms unasked`,
  );
  return [...unasked, ...run.asked.flatMap((asked) => faultOf(run, asked))];
}

function faultOf(run: RecordedRun, asked: Asked): readonly string[] {
  const { session, receipt, at, answers } = asked;
  const name = `${receipt} of session ${session.id} (client ${session.client} at ${session.gateway}), sent at ${at} ms,`;
  if (answers.length > 1) return [`${name} was answered ${answers.length} times`];
  const tookMs = Math.round(awakeMs(run, asked, answers[0]?.at ?? session.endedAt));
  if (tookMs <= ANSWER_DEADLINE_MS) return [];
  return [answers.length === 0 ? `${name} had no answer in ${tookMs} ms` : `${name} was answered after ${tookMs} ms`];
}

function awakeMs(run: RecordedRun, { session, at }: Asked, until: number): number {
  return until - at - frozenMs(run, [session.gateway, String(session.client)], at, until);
}
