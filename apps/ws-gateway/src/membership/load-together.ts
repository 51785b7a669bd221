import DataLoader from 'dataloader';

/**
 * Asks for many at once: what is asked for while one question is under way becomes the next one, so that a storm of CONNECTs
 * asks Postgres a few times and not a thousand. `load` answers in the order of its keys, which may repeat.
 */
export function loadTogether<Key, Value>(
  load: (keys: readonly Key[]) => Promise<readonly Value[]>,
  maxBatchSize: number,
): (key: Key) => Promise<Value> {
  let underWay: Promise<unknown> = Promise.resolve();
  const loader = new DataLoader<Key, Value>(
    (keys) => {
      const loaded = load(keys);
      underWay = loaded.catch(() => {}); // told to all who asked
      return loaded;
    },
    { cache: false, maxBatchSize, batchScheduleFn: (ask) => void underWay.then(() => setImmediate(ask)) },
  );
  return (key) => loader.load(key);
}
