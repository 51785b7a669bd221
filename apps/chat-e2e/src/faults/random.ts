import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Decisions from one seed: the same seed gives the same ones in the same order. */
export interface Random {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True with this probability, of 0 to 1. */
  chance(probability: number): boolean;
  /** One of them; throws where there are none. */
  pick<Value>(values: readonly Value[]): Value;
  /** Decisions of their own, so that one party's do not depend on how often another asked. */
  fork(): Random;
}

export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const between = (least: number, most: number) => uniformInt(generator, least, most);
  return {
    between,
    chance: (probability) => uniformFloat64(generator) < probability,
    pick: <Value>(values: readonly Value[]) => {
      if (values.length === 0) throw new RangeError('there is nothing to pick from');
      return values[between(0, values.length - 1)] as Value; // the index is below the length
    },
    fork: () => seededRandom(between(0, 0x7fffffff)),
  };
}
