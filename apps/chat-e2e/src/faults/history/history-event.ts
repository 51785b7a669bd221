/** Whether a field of a line is what it must be. */
type FieldCheck<Value> = (value: unknown) => value is Value;

const text: FieldCheck<string> = (value): value is string => typeof value === 'string';
const number: FieldCheck<number> = (value): value is number => typeof value === 'number' && Number.isFinite(value);
const flag: FieldCheck<boolean> = (value): value is boolean => typeof value === 'boolean';
const texts: FieldCheck<readonly string[]> = (value): value is readonly string[] =>
  Array.isArray(value) && value.every(text);
const orNull =
  <Value>(check: FieldCheck<Value>): FieldCheck<Value | null> =>
  (value): value is Value | null =>
    value === null || check(value);

/**
 * What a run can have seen, by type: the one table that the TypeScript types and the reader of the file are made of. Every
 * event also has `at`, ms since the run began. A client is named by its user id, a session and a subscription by a number
 * that no other of the run has, a message by its id as text. No content anywhere.
 */
const FIELDS = {
  /** Always the first; `startedAt` in Unix ms. */
  run: { startedAt: number, seed: number, clientCount: number, roomCount: number, ratePerSecond: number },
  phase: { name: text },

  connecting: { session: number, client: number, gateway: text },
  connected: { session: number },
  /** By whoever; 1006 without a close frame. */
  closed: { session: number, code: number },
  /** To the messages of a room. `since` is its header. */
  subscribe: { session: number, subscription: number, room: number, since: orNull(text), receipt: text },
  /** Its RECEIPT; `recovered` is null where the RECEIPT has no such header. */
  subscribed: { subscription: number, recovered: orNull(flag) },
  unsubscribe: { subscription: number },
  message: {
    subscription: number,
    id: text,
    prev: orNull(text),
    clientMessageId: orNull(text),
    sender: orNull(number),
    replayed: flag,
  },
  send: { session: number, room: number, clientMessageId: text, receipt: text, isResend: flag },
  receipt: { session: number, receipt: text, messageId: orNull(text) },
  /** A MESSAGE on the error queue, or an ERROR frame, which does not say whether it is retryable. */
  error: { session: number, receipt: orNull(text), clientMessageId: orNull(text), code: text, retryable: orNull(flag) },

  /** Begin and end of a fault. Who is named in `freezes` (an instance, or a client as text) cannot answer meanwhile. */
  fault: { fault: number, name: text, target: orNull(text), freezes: texts },
  faultEnded: { fault: number },
  /** A fault could not be brought about, or not be mended, and why. */
  undone: { name: text, reason: text },
  /** This process itself came late by so many ms; whatever fell into them it saw too late. */
  stall: { ms: number },
  /** The harness itself put a record on chat-messages, in a transaction that was aborted where `isCommitted` is false. */
  produced: { room: number, eventId: text, isCommitted: flag },
  /** The last fault was mended. What follows was measured from here; null: it did not happen. */
  healed: {},
  ready: { instance: text, afterMs: orNull(number) },
  caughtUp: { afterMs: orNull(number) },
  firstMessage: { afterMs: orNull(number) },

  /** A record of chat-messages as any consumer reads it; `refusal` says why it does not count. */
  record: {
    partition: number,
    offset: number,
    room: orNull(number),
    id: orNull(text),
    sender: orNull(number),
    eventKey: orNull(text),
    clientKey: orNull(text),
    /** Which instance published it, and when, in Unix ms. */
    source: orNull(text),
    sentAt: orNull(number),
    refusal: orNull(text),
  },
  /** A row of `messages`. */
  row: {
    room: number,
    epoch: number,
    partition: number,
    offset: number,
    seq: orNull(number),
    id: text,
    sender: number,
    clientMessageId: orNull(text),
  },
  /** What an instance held before the faults (`isAfter` false) and when all was quiet again. */
  usage: { instance: text, isAfter: flag, memoryBytes: number, handleCount: number, connectionCount: number },
  /** Something in a log that must be in none: what it is, and where. */
  leak: { what: text, place: text },
  /** Always the last: everything was read back. */
  ended: {},
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldCheck<unknown>>>>>;

export type EventType = keyof typeof FIELDS;
type FieldsOf<Type extends EventType> = {
  readonly [Name in keyof (typeof FIELDS)[Type]]: (typeof FIELDS)[Type][Name] extends FieldCheck<infer Value>
    ? Value
    : never;
};
/** An event of one type. */
export type EventOf<Type extends EventType> = {
  readonly [Each in EventType]: { readonly type: Each; readonly at: number } & FieldsOf<Each>;
}[Type];
export type HistoryEvent = EventOf<EventType>;
/** An event that nobody has given its time yet. */
export type Untimed<Event extends HistoryEvent = HistoryEvent> = Event extends HistoryEvent ? Omit<Event, 'at'> : never;

/** One line of a history, without its end; throws a SyntaxError that says what is wrong with it. */
export function decodeEvent(line: string): HistoryEvent {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new SyntaxError('the line is no JSON object');
  const event = value as Readonly<Record<string, unknown>>; // an object, as the check says
  const { type } = event;
  if (!isEventType(type)) throw new SyntaxError(`there is no event ${JSON.stringify(type)}`);
  const checks: Readonly<Record<string, FieldCheck<unknown>>> = { at: number, ...FIELDS[type] };
  for (const [name, check] of Object.entries(checks)) {
    if (!check(event[name])) throw new SyntaxError(`${type}.${name} cannot be ${JSON.stringify(event[name])}`);
  }
  return event as unknown as HistoryEvent; // every field was looked at
}

function isEventType(type: unknown): type is EventType {
  return typeof type === 'string' && Object.hasOwn(FIELDS, type);
}
