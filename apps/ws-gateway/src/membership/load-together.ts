import { pause } from '@chat/service-kit';
import DataLoader from 'dataloader';

export interface TogetherLimits {
  /** Keys of one question. */
  readonly maxKeys: number;
  /** From the beginning of one question to that of the next at least, in ms; the first after a pause goes at once. */
  readonly everyMs: number;
}

/**
 * Asks for many at once: what is asked for while one question is under way, and for a moment after it began, becomes the next
 * one, so that a storm of CONNECTs asks Postgres a few times and not a thousand. `load` answers in the order of its keys, which
 * may repeat.
 */
export function loadTogether<Key, Value>(
  load: (keys: readonly Key[]) => Promise<readonly Value[]>,
  { maxKeys, everyMs }: TogetherLimits,
): (key: Key) => Promise<Value> {
  let underWay: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<Key, Value>(
    (keys) => {
      const loaded = load(keys);
      underWay = Promise.allSettled([loaded, pause(everyMs)]); // of a failure all are told who asked
      return loaded;
    },
    { cache: false, maxBatchSize: maxKeys, batchScheduleFn: (ask) => void underWay.then(() => setImmediate(ask)) },
  );
  return (key) => loader.load(key);
}
