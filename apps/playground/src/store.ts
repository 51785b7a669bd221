import type { Store } from '@chat/client';
import { useSyncExternalStore } from 'react';

/** A value that is changed by whoever has it, and told to whoever listens. */
export interface MutableStore<Value> extends Store<Value> {
  set(value: Value): void;
  /** `change` gets the value of now and gives the next one; the same one changes nothing. */
  update(change: (value: Value) => Value): void;
}

export function createStore<Value>(initial: Value): MutableStore<Value> {
  let current = initial;
  const listeners = new Set<(value: Value) => void>();
  const set = (value: Value) => {
    if (Object.is(value, current)) return;
    current = value;
    for (const listener of [...listeners]) listener(value);
  };
  return {
    get: () => current,
    set,
    update: (change) => set(change(current)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value of a store, now and after each change. */
export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get);
}
