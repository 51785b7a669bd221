import type { EventOf } from '../history/history-event.ts';
import type { RecordedRun } from '../history/recorded-run.ts';

type Usage = EventOf<'usage'>;

/** How much more each may be afterwards: this part of before, or the floor where that is more. */
const TOLERANCE = 0.1;
/** Bounded memories of an app that fill while it runs, such as that of repeats; garbage has been collected. */
export const MEMORY_FLOOR_BYTES = 32 * 1_048_576;
/** Timers and requests under way at the moment of looking. */
export const HANDLE_FLOOR = 10;
/** Idle connections of pools. */
export const CONNECTION_FLOOR = 10;

/**
 * Instances that hold more memory, handles or connections than before the faults. Less is no fault: pools close what is
 * idle, and what an instance lacks shows in what it does not do.
 */
export function findGrowth(run: RecordedRun): readonly string[] {
  const usages = run.listOf('usage');
  const after = new Map(usages.filter(({ isAfter }) => isAfter).map((usage) => [usage.instance, usage]));
  const before = usages.filter(({ isAfter }) => !isAfter);
  if (before.length === 0) return ['what the apps held before the faults was not looked at'];
  return before.flatMap((usage) => {
    const later = after.get(usage.instance);
    return later === undefined ? [`${usage.instance} was not looked at afterwards`] : compare(usage, later);
  });
}

function compare(before: Usage, after: Usage): readonly string[] {
  return [
    ...growth(before, 'bytes of memory', before.memoryBytes, after.memoryBytes, MEMORY_FLOOR_BYTES),
    ...growth(before, 'handles', before.handleCount, after.handleCount, HANDLE_FLOOR),
    ...growth(before, 'connections', before.connectionCount, after.connectionCount, CONNECTION_FLOOR),
  ];
}

function growth({ instance }: Usage, what: string, before: number, after: number, floor: number): readonly string[] {
  if (after - before <= Math.max(before * TOLERANCE, floor)) return [];
  return [`${instance} held ${before} ${what} before the faults and ${after} afterwards`];
}
