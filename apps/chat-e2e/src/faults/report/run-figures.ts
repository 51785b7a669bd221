import { checkHistory, type Rule } from '../checkers/check-history.ts';
import type { HistoryEvent } from '../history/history-event.ts';
import { recordedRun, type RecordedRun } from '../history/recorded-run.ts';

/** What a run came to. */
export interface RunFigures {
  readonly seed: number;
  readonly seconds: number;
  /** By id, how often each. */
  readonly faults: ReadonlyMap<string, number>;
  readonly sent: number;
  readonly acknowledged: number;
  readonly deliveries: number;
  /** SENDs that were sent again under their key. */
  readonly resent: number;
  readonly reconnects: number;
  /** Resumes that said that they could not recover. */
  readonly unrecovered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** All broken rules together. */
  readonly violations: number;
  /** Longest that a client saw nothing of a room to which messages were sent, in ms. */
  readonly longestPauseMs: number;
  readonly phases: readonly PhaseFigures[];
}

/** From a message's first SEND to its delivery to each subscriber, of those sent in the phase, in ms. */
export interface PhaseFigures {
  readonly name: string;
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Of a whole history. Phases of one name count as one. */
export function runFigures(events: readonly HistoryEvent[]): RunFigures {
  const run = recordedRun(events);
  const broken = checkHistory(events);
  const countOf = (...rules: readonly Rule[]) => broken.filter(({ rule }) => rules.includes(rule)).length;
  const keys = new Set(run.sends.map(({ clientKey }) => clientKey));
  const acknowledged = run.sends.filter(({ answers }) => answers.some(({ code }) => code === null));
  return {
    seed: run.listOf('run')[0]?.seed ?? 0,
    seconds: Math.round(run.endedAt / 1_000),
    faults: countBy(run.listOf('fault').map(({ name }) => name)),
    sent: keys.size,
    acknowledged: new Set(acknowledged.map(({ clientKey }) => clientKey)).size,
    deliveries: run.listOf('message').length,
    resent: run.sends.length - keys.size,
    reconnects: run.listOf('closed').length,
    unrecovered: run.listOf('subscribed').filter(({ recovered }) => recovered === false).length,
    lost: countOf('nothing acknowledged is lost', 'a subscription gets everything'),
    duplicated: countOf('nothing is seen or stored twice'),
    reordered: countOf('all agree on one order', 'a sender’s messages keep their order'),
    violations: broken.length,
    longestPauseMs: longestPauseMs(run),
    phases: phaseFigures(run),
  };
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const groups = Map.groupBy(names, (name) => name);
  return new Map([...groups].map(([name, same]) => [name, same.length]));
}

/** Between two deliveries of one client and room, from when there was something to deliver, reconnects included. */
function longestPauseMs(run: RecordedRun): number {
  const sentAt = new Map(
    [...Map.groupBy(run.sends, ({ room }) => room)].map(([room, sends]) => [room, timesOf(sends)]),
  );
  const lines = Map.groupBy(run.subscriptions, ({ session, room }) => `${session.client} ${room}`);
  const pauses = [...lines.values()].flatMap((subscriptions) => {
    const times = subscriptions.flatMap(({ deliveries }) => timesOf(deliveries));
    return pausesBetween(times, sentAt.get(subscriptions[0]?.room ?? 0) ?? []);
  });
  return Math.round(pauses.reduce((longest, pause) => Math.max(longest, pause), 0));
}

function timesOf(events: readonly { readonly at: number }[]): readonly number[] {
  return events.map(({ at }) => at);
}

/** Both rise. What was sent before the last delivery may be what was delivered. */
function pausesBetween(deliveredAt: readonly number[], sentAt: readonly number[]): readonly number[] {
  let next = 0;
  return deliveredAt.slice(1).map((at, index) => {
    const last = deliveredAt[index] ?? at;
    while ((sentAt[next] ?? Infinity) <= last) next += 1;
    return Math.max(0, at - (sentAt[next] ?? at));
  });
}

function phaseFigures(run: RecordedRun): readonly PhaseFigures[] {
  const phases = run.listOf('phase');
  const nameAt = (at: number) => phases.findLast((phase) => phase.at <= at)?.name ?? 'before';
  const sentAt = new Map(run.sends.toReversed().map(({ clientKey, at }) => [clientKey, at]));
  const byPhase = new Map(phases.map(({ name }): [string, number[]] => [name, []]));
  for (const { room, deliveries } of run.subscriptions) {
    for (const { id, at } of deliveries) {
      const from = sentAt.get(run.find(room, id)?.clientKey ?? '');
      if (from === undefined) continue;
      const name = nameAt(from);
      const times = byPhase.get(name) ?? [];
      byPhase.set(name, times);
      times.push(at - from);
    }
  }
  return [...byPhase]
    .filter(([, times]) => times.length > 0)
    .map(([name, times]) => ({ name, count: times.length, ...percentiles(times) }));
}

function percentiles(times: number[]): Pick<PhaseFigures, 'p50Ms' | 'p99Ms'> {
  times.sort((a, b) => a - b);
  const at = (part: number) => Math.round(times[Math.ceil(times.length * part) - 1] ?? 0); // nearest rank
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
