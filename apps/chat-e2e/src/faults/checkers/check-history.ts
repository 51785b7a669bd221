import type { HistoryEvent } from '../history/history-event.ts';
import { recordedRun, type RecordedRun } from '../history/recorded-run.ts';
import { findDuplicates } from './find-duplicates.ts';
import { findDroppedByDrain } from './find-dropped-by-drain.ts';
import { findGrowth } from './find-growth.ts';
import { findLogLeaks } from './find-log-leaks.ts';
import { findLostMessages } from './find-lost-messages.ts';
import { findMisnamedReceipts } from './find-misnamed-receipts.ts';
import { findMissedDeliveries } from './find-missed-deliveries.ts';
import { findPhantoms } from './find-phantoms.ts';
import { findRefusals } from './find-refusals.ts';
import { findReorderings } from './find-reorderings.ts';
import { findSenderReorderings } from './find-sender-reorderings.ts';
import { findSilentGaps } from './find-silent-gaps.ts';
import { findSlowRecoveries } from './find-slow-recoveries.ts';
import { findUnansweredFrames } from './find-unanswered-frames.ts';

/** Every rule that a run is judged by, and the promise of DESIGN §4 that it belongs to. */
export const RULES = {
  'nothing acknowledged is lost': { promise: 'P1', find: findLostMessages },
  'nothing is there that nobody sent': { promise: 'P4', find: findPhantoms },
  'nothing is seen or stored twice': { promise: 'P4', find: findDuplicates },
  'a RECEIPT names the message': { promise: 'P2', find: findMisnamedReceipts },
  'all agree on one order': { promise: 'P3', find: findReorderings },
  'a sender’s messages keep their order': { promise: 'P3', find: findSenderReorderings },
  'no gap is silent': { promise: 'P5', find: findSilentGaps },
  'a subscription gets everything': { promise: 'P5', find: findMissedDeliveries },
  'every frame is answered once, in time': { promise: 'P2', find: findUnansweredFrames },
  'a drain answers what it has taken': { promise: 'P9', find: findDroppedByDrain },
  'nothing is refused for good': { promise: 'P2', find: findRefusals },
  'everything is as before after a fault': { promise: 'P11', find: findSlowRecoveries },
  'nothing grows': { promise: 'P11', find: findGrowth },
  'nothing leaks into a log': { promise: 'P9', find: findLogLeaks },
  'the history is whole': { promise: 'P1', find: findWhatIsMissing },
} as const satisfies Readonly<Record<string, { promise: string; find: (run: RecordedRun) => readonly string[] }>>;

export type Rule = keyof typeof RULES;
export const RULE_NAMES = Object.keys(RULES) as Rule[]; // Object.keys forgets the keys of a const object

/** A broken rule, and in a sentence where. */
export interface Violation {
  readonly rule: Rule;
  readonly sentence: string;
}

/** Everything that a history shows to have gone wrong, rule by rule. */
export function checkHistory(events: readonly HistoryEvent[]): readonly Violation[] {
  const run = recordedRun(events);
  return RULE_NAMES.flatMap((rule) => RULES[rule].find(run).map((sentence) => ({ rule, sentence })));
}

/** A history that stops early, or lacks what was to be done, shows nothing about it. */
function findWhatIsMissing(run: RecordedRun): readonly string[] {
  const ends = (['run', 'ended'] as const)
    .filter((type) => run.listOf(type).length !== 1)
    .map((type) => `the history has ${run.listOf(type).length} events of type ${type} instead of one`);
  return [...ends, ...run.listOf('undone').map(({ name, reason }) => `${name} was not done: ${reason}`)];
}
