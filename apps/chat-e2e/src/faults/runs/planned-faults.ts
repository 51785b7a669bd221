import type { Random } from '../random.ts';
import { faultOf, FAULTS } from './fault-table.ts';
import type { Fault } from './scene.ts';

const MINUTE_MS = 60_000;

export interface FaultPlan {
  /** All, in an order of the seed and again and again, where there are none. */
  readonly faultIds: readonly string[];
  /** From the first fault: none begins later, those that were named excepted, which all come once. */
  readonly minutes: number;
  readonly random: Random;
  /** In ms, from any beginning. */
  readonly now: () => number;
}

/** The faults of a run one after another, each decided when it is asked for. */
export function* plannedFaults({ faultIds, minutes, random, now }: FaultPlan): Iterable<Fault> {
  if (faultIds.length > 0) return yield* faultIds.map(faultOf);
  const endAt = now() + minutes * MINUTE_MS;
  for (;;) {
    for (const fault of shuffled(FAULTS, random)) {
      if (now() > endAt) return;
      yield fault;
    }
  }
}

function shuffled<Value>(values: readonly Value[], random: Random): readonly Value[] {
  const rest = [...values];
  return values.map(() => rest.splice(random.between(0, rest.length - 1), 1)).flat();
}
