/** Ends what it was the answer to; may be called again. */
export type Stop = () => void;

/** A value that changes, in the shape that React's `useSyncExternalStore` takes. */
export interface Store<Value> {
  /** The value of now; the same object until it changes. */
  get(): Value;
  /** Tells of each change from now on, not of the value of now. */
  subscribe(listener: (value: Value) => void): Stop;
}

/** A store that can be set. */
export interface Cell<Value> extends Store<Value> {
  set(value: Value): void;
}

/** Calls what the application gave; what it throws is told and harms nobody else. */
export type CallListener = (listener: () => void) => void;

export interface CellOptions {
  readonly call: CallListener;
  /** The first listener came; what it answers is called when the last one has gone. */
  readonly heard?: () => Stop;
}

export function createCell<Value>(initial: Value, { call, heard }: CellOptions): Cell<Value> {
  const listeners = new Set<{ readonly tell: (value: Value) => void }>();
  let value = initial;
  let unheard: Stop | undefined;
  return {
    get: () => value,
    set: (next) => {
      if (next === value) return;
      value = next;
      // where a listener set it anew, all have been told of that already
      for (const { tell } of [...listeners]) if (value === next) call(() => tell(next));
    },
    subscribe: (listener) => {
      const entry = { tell: listener };
      listeners.add(entry);
      if (listeners.size === 1) unheard = heard?.();
      return () => {
        if (listeners.delete(entry) && listeners.size === 0) unheard?.();
      };
    },
  };
}
