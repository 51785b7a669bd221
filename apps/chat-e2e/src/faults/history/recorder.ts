import type { HistoryEvent, Untimed } from './history-event.ts';

/** What a run has seen so far, each event with its time. */
export interface Recorder {
  /** Notes what has just happened. */
  readonly note: (event: Untimed) => void;
  readonly events: readonly HistoryEvent[];
}

/** Keeps the events and hands each on, as to a file. `now` in ms, from any beginning. */
export function createRecorder(options: { now: () => number; pass: (event: HistoryEvent) => void }): Recorder {
  const { now, pass } = options;
  const beganAt = now();
  const events: HistoryEvent[] = [];
  const note = (untimed: Untimed) => {
    const at = Math.round((now() - beganAt) * 10) / 10; // tenths of a ms are plenty, and short in a file
    const event = { at, ...untimed } as HistoryEvent; // the union is spread over its members; TypeScript forgets which
    events.push(event);
    pass(event);
  };
  return { note, events };
}
