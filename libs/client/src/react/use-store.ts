import { useSyncExternalStore } from 'react';
import type { Store } from '../index.ts';

/** The value of a store, and a new rendering at each change. */
export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}
