import type { RecordedRun } from '../history/recorded-run.ts';
import { streamsOf, type Stream, type StreamStep } from '../history/streams.ts';

/**
 * Where `prev` does not lead from a message to the one that the client had before it, over reconnects with `since` too,
 * though the subscription did not say `recovered: false`; and where it names another message than the log has there. An
 * absent `prev` says nothing.
 */
export function findSilentGaps(run: RecordedRun): readonly string[] {
  return streamsOf(run).flatMap((stream) => [...brokenChains(stream), ...wrongPredecessors(run, stream)]);
}

function brokenChains({ client, room, steps }: Stream): readonly string[] {
  return steps.filter(isBroken).map(({ delivery: { id, prev, at }, after }) => {
    const what = `message ${id} of room ${room} at ${at} ms after ${after}`;
    return `client ${client} got ${what}, and its prev is ${prev}`;
  });
}

function isBroken({ delivery: { prev }, after, mayFollowGap }: StreamStep): boolean {
  return prev !== null && after !== null && prev !== after && !mayFollowGap;
}

function wrongPredecessors(run: RecordedRun, { client, room, steps }: Stream): readonly string[] {
  const messages = run.rooms.get(room) ?? [];
  return steps.flatMap(({ delivery: { id, prev } }) => {
    const place = run.find(room, id)?.place;
    if (prev === null || place === undefined || messages[place - 1]?.id === prev) return [];
    const real = messages[place - 1]?.id ?? 'none';
    return [`client ${client} was told that ${prev} stands before ${id} in room ${room}; in the log that is ${real}`];
  });
}
