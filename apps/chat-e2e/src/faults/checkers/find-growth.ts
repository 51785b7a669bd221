import type { EventOf } from '../history/history-event.ts';
import type { RecordedRun } from '../history/recorded-run.ts';

type Usage = EventOf<'usage'>;

/** How far from before each may be afterwards: this part of it, or the floor where that is more. */
const TOLERANCE = 0.1;
/** Below it a process's resident memory depends on when it last collected garbage. */
export const MEMORY_FLOOR_BYTES = 64 * 1_048_576;
/** Timers and requests under way at the moment of looking. */
export const HANDLE_FLOOR = 10;
/** Pools keep between none and a few idle connections. */
export const CONNECTION_FLOOR = 10;

/** Instances that hold more memory, or more or fewer handles and connections, than before the faults. */
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
  const isLarger = after.memoryBytes - before.memoryBytes > allowed(before.memoryBytes, MEMORY_FLOOR_BYTES);
  return [
    ...(isLarger ? [told(before, 'bytes of memory', before.memoryBytes, after.memoryBytes)] : []),
    ...drift(before, 'handles', before.handleCount, after.handleCount, HANDLE_FLOOR),
    ...drift(before, 'connections', before.connectionCount, after.connectionCount, CONNECTION_FLOOR),
  ];
}

function drift(usage: Usage, what: string, before: number, after: number, floor: number): readonly string[] {
  return Math.abs(after - before) > allowed(before, floor) ? [told(usage, what, before, after)] : [];
}

function allowed(before: number, floor: number): number {
  return Math.max(before * TOLERANCE, floor);
}

function told({ instance }: Usage, what: string, before: number, after: number): string {
  return `${instance} held ${before} ${what} before the faults and ${after} afterwards`;
}
