import { clientKeyOf } from '@chat/kafka-contracts';
import type { EventOf, EventType, HistoryEvent } from './history-event.ts';
import { visibleMessages, type VisibleMessage } from './visible-messages.ts';

/** One WebSocket of a client. `endedAt` is the end of the run where it was open then. */
export interface RecordedSession {
  readonly id: number;
  readonly client: number;
  readonly gateway: string;
  readonly endedAt: number;
  /** Code that the socket was closed with; null where it was open at the end of the run. */
  readonly closeCode: number | null;
}

export interface Answer {
  readonly at: number;
  /** Null for an error. */
  readonly messageId: string | null;
  /** Null for a RECEIPT. */
  readonly code: string | null;
}

/** A frame with a receipt header, and every RECEIPT and error that came for it. */
export interface Asked {
  readonly session: RecordedSession;
  readonly receipt: string;
  readonly at: number;
  readonly answers: readonly Answer[];
}

export interface RecordedSend extends Asked {
  readonly room: number;
  readonly clientKey: string;
  readonly isResend: boolean;
}

export type Delivery = EventOf<'message'>;

/** A subscription to the messages of a room. `endedAt` is the end of the run where it was open then. */
export interface RecordedSubscription {
  readonly session: RecordedSession;
  readonly room: number;
  readonly since: string | null;
  /** When its RECEIPT came; null where none did. */
  readonly confirmedAt: number | null;
  readonly recovered: boolean | null;
  readonly endedAt: number;
  readonly isOpenAtEnd: boolean;
  readonly deliveries: readonly Delivery[];
}

/** A stretch of time in which something was broken. */
export interface FaultTime {
  readonly name: string;
  readonly freezes: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** A history as the checkers look at it. Times in ms since the run began. */
export interface RecordedRun {
  readonly sessions: readonly RecordedSession[];
  readonly asked: readonly Asked[];
  readonly sends: readonly RecordedSend[];
  readonly subscriptions: readonly RecordedSubscription[];
  /** RECEIPTs and errors for a receipt header that nobody sent. */
  readonly unasked: readonly (EventOf<'receipt'> | EventOf<'error'>)[];
  readonly faults: readonly FaultTime[];
  readonly rows: readonly EventOf<'row'>[];
  /** What every reader must see of each room, in the order of the log. */
  readonly rooms: ReadonlyMap<number, readonly VisibleMessage[]>;
  /** The message of a room that has this id, or null. */
  readonly find: (room: number, id: string) => VisibleMessage | null;
  /** The message that a sender's SENDs under one client key came to, or null. */
  readonly findByClientKey: (clientKey: string) => VisibleMessage | null;
  /** The events of one type in their order. */
  readonly listOf: <Type extends EventType>(type: Type) => readonly EventOf<Type>[];
  readonly endedAt: number;
}

type Open<Value> = {
  -readonly [Name in keyof Value]: Value[Name] extends readonly (infer Each)[] ? Each[] : Value[Name];
};
type AnswerEvent = EventOf<'receipt'> | EventOf<'error'>;

/** Throws a RangeError where an event names a session, subscription or fault that did not begin. */
export function recordedRun(events: readonly HistoryEvent[]): RecordedRun {
  const picture = new Picture(events.at(-1)?.at ?? 0);
  for (const event of events) picture.take(event);
  return picture.finish();
}

/** Grows event by event. */
class Picture {
  readonly #endedAt: number;
  readonly #byType = new Map<EventType, HistoryEvent[]>();
  readonly #sessions = new Map<number, Open<RecordedSession>>();
  readonly #subscriptions = new Map<number, Open<RecordedSubscription>>();
  readonly #asked = new Map<string, Open<Asked>>();
  readonly #sends: RecordedSend[] = [];
  readonly #faults = new Map<number, Open<FaultTime>>();
  readonly #unasked: AnswerEvent[] = [];

  constructor(endedAt: number) {
    this.#endedAt = endedAt;
  }

  /** Events that are not looked at here the checkers list themselves. */
  take(event: HistoryEvent): void {
    const ofType = this.#byType.get(event.type);
    if (ofType === undefined) this.#byType.set(event.type, [event]);
    else ofType.push(event);
    switch (event.type) {
      case 'connecting':
        return this.#open(event);
      case 'closed':
        return this.#close(event);
      case 'subscribe':
        return this.#subscribe(event);
      case 'subscribed':
        return this.#confirm(event);
      case 'unsubscribe':
        return end(known(this.#subscriptions, event.subscription), event.at);
      case 'message':
        return void known(this.#subscriptions, event.subscription).deliveries.push(event);
      case 'send':
        return this.#send(event);
      case 'receipt':
        return this.#answer(event, { at: event.at, messageId: event.messageId, code: null });
      case 'error':
        return this.#answer(event, { at: event.at, messageId: null, code: event.code });
      case 'fault':
        return this.#break(event);
      case 'faultEnded':
        return void (known(this.#faults, event.fault).to = event.at);
    }
  }

  finish(): RecordedRun {
    const listOf = <Type extends EventType>(type: Type) =>
      (this.#byType.get(type) ?? []) as unknown as readonly EventOf<Type>[]; // filed under its type
    const rooms = visibleMessages(listOf('record'));
    const messages = [...rooms.values()].flat();
    const byId = new Map(messages.map((message) => [`${message.room} ${message.id}`, message]));
    const byClientKey = new Map(messages.map((message) => [message.clientKey, message]));
    return {
      sessions: [...this.#sessions.values()],
      asked: [...this.#asked.values()],
      sends: this.#sends,
      subscriptions: [...this.#subscriptions.values()],
      unasked: this.#unasked,
      faults: [...this.#faults.values()],
      rows: listOf('row'),
      rooms,
      find: (room, id) => byId.get(`${room} ${id}`) ?? null,
      findByClientKey: (clientKey) => byClientKey.get(clientKey) ?? null,
      listOf,
      endedAt: this.#endedAt,
    };
  }

  #open({ session: id, client, gateway }: EventOf<'connecting'>): void {
    this.#sessions.set(id, { id, client, gateway, endedAt: this.#endedAt, closeCode: null });
  }

  #close({ at, session: id, code }: EventOf<'closed'>): void {
    const session = known(this.#sessions, id);
    session.endedAt = at;
    session.closeCode = code;
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.session === session) end(subscription, at);
    }
  }

  #ask({ at, session: id, receipt }: EventOf<'subscribe'> | EventOf<'send'>): Open<Asked> {
    const asked = { session: known(this.#sessions, id), receipt, at, answers: [] };
    this.#asked.set(`${id} ${receipt}`, asked);
    return asked;
  }

  #answer(event: AnswerEvent, answer: Answer): void {
    if (event.receipt === null) return;
    const asked = this.#asked.get(`${event.session} ${event.receipt}`);
    if (asked === undefined) this.#unasked.push(event);
    else asked.answers.push(answer);
  }

  #subscribe(event: EventOf<'subscribe'>): void {
    this.#subscriptions.set(event.subscription, {
      session: this.#ask(event).session,
      room: event.room,
      since: event.since,
      confirmedAt: null,
      recovered: null,
      endedAt: this.#endedAt,
      isOpenAtEnd: true,
      deliveries: [],
    });
  }

  #confirm({ at, subscription: id, recovered }: EventOf<'subscribed'>): void {
    const subscription = known(this.#subscriptions, id);
    subscription.confirmedAt = at;
    subscription.recovered = recovered;
  }

  #send(event: EventOf<'send'>): void {
    const { room, clientMessageId, isResend } = event;
    const asked = this.#ask(event);
    const clientKey = clientKeyOf(asked.session.client, room, clientMessageId);
    this.#sends.push(Object.assign(asked, { room, clientKey, isResend })); // the same object, so that it sees its answers
  }

  #break({ at, fault, name, freezes }: EventOf<'fault'>): void {
    this.#faults.set(fault, { name, freezes: [...freezes], from: at, to: this.#endedAt });
  }
}

function end(subscription: Open<RecordedSubscription>, at: number): void {
  if (!subscription.isOpenAtEnd) return;
  subscription.isOpenAtEnd = false;
  subscription.endedAt = at;
}

function known<Value>(values: ReadonlyMap<number, Value>, id: number): Value {
  const value = values.get(id);
  if (value === undefined) throw new RangeError(`the history names ${id}, which did not begin`);
  return value;
}
