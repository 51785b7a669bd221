import type { EventOf, EventType, HistoryEvent } from './history-event.ts';

export type Events = readonly HistoryEvent[];

/** Whether an event is of a type and has these fields. */
export function is<Type extends EventType>(type: Type, fields: Partial<EventOf<Type>> = {}) {
  return (event: HistoryEvent): event is EventOf<Type> & HistoryEvent =>
    event.type === type &&
    Object.entries(fields).every(([name, value]) => (event as unknown as Record<string, unknown>)[name] === value); // one of its own fields
}

/** A history without those events. */
export function without(events: Events, ...unwanted: readonly ((event: HistoryEvent) => boolean)[]): Events {
  return events.filter((event) => !unwanted.some((isUnwanted) => isUnwanted(event)));
}

/** A history in which those events, of which there must be some, have other fields. */
export function changed<Event extends HistoryEvent>(
  events: Events,
  isChosen: (event: HistoryEvent) => event is Event,
  fieldsOf: (event: Event) => Partial<Event>,
): Events {
  if (!events.some(isChosen)) throw new RangeError('the history has no such event to change');
  return events.map((event) => (isChosen(event) ? ({ ...event, ...fieldsOf(event) } as HistoryEvent) : event)); // fields of its type
}

/** A history with something added right behind the first event that is chosen. */
export function addedBehind(events: Events, isChosen: (event: HistoryEvent) => boolean, added: HistoryEvent): Events {
  const at = events.findIndex(isChosen);
  if (at < 0) throw new RangeError('the history has no such event to add something behind');
  return events.toSpliced(at + 1, 0, added);
}

/** A history in which two events have changed their places and times. */
export function swapped(events: Events, one: HistoryEvent, other: HistoryEvent): Events {
  return events.map((event) => {
    if (event === one) return { ...other, at: one.at };
    return event === other ? { ...one, at: other.at } : event;
  });
}
