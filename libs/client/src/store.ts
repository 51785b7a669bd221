/** Ends what it was the answer to; may be called again. */
export type Stop = () => void;

/** A value that changes, in the shape that React's `useSyncExternalStore` takes. */
export interface Store<Value> {
  /** The value of now; the same object until it changes. */
  get(): Value;
  /** Tells of each change from now on, not of the value of now. */
  subscribe(listener: (value: Value) => void): Stop;
}
