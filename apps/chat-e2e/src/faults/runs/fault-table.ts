import { APP_FAULTS } from './app-faults.ts';
import { NETWORK_FAULTS } from './network-faults.ts';
import { PART_FAULTS } from './part-faults.ts';
import { everythingAtRandom } from './random-faults.ts';
import type { Random } from '../random.ts';
import type { Fault } from './scene.ts';
import { TRAFFIC_FAULTS } from './traffic-faults.ts';

const SINGLE_FAULTS = [...APP_FAULTS, ...PART_FAULTS, ...TRAFFIC_FAULTS, ...NETWORK_FAULTS];

/** Every fault that a run can suffer. */
export const FAULTS: readonly Fault[] = [...SINGLE_FAULTS, everythingAtRandom(SINGLE_FAULTS)];

/** One fault of each class, as the seed has it, in the order of the table. */
export function oneOfEachClass(random: Random): readonly Fault[] {
  return [...Map.groupBy(SINGLE_FAULTS, (fault) => fault.class).values()].map((faults) => random.pick(faults));
}

/** Throws a RangeError where there is none with that id. */
export function faultOf(id: string): Fault {
  const fault = FAULTS.find((each) => each.id === id);
  if (fault === undefined)
    throw new RangeError(`there is no fault ${id}; there are ${FAULTS.map((each) => each.id).join(', ')}`);
  return fault;
}
