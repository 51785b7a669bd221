import type { HistoryEvent, Untimed } from '../history/history-event.ts';
import { seededRandom, type Random } from '../random.ts';

interface Entry {
  readonly room: number;
  readonly id: string;
  readonly sender: number;
  readonly key: string | null;
  /** Who took it. */
  readonly source: string | null;
}

interface Subscription {
  readonly id: number;
  readonly room: number;
  /** How many of the room's messages it has, or will never get. */
  next: number;
}

interface Person {
  readonly client: number;
  session: number | null;
  gateway: string;
  subscriptions: readonly Subscription[];
  readonly lastSeen: Map<number, string>;
  /** SENDs whose outcome nobody told. */
  readonly unanswered: { readonly room: number; readonly key: string }[];
}

const GATEWAYS = ['ws-gateway-1', 'ws-gateway-2', 'ws-gateway-3'];
const INSTANCES = [...GATEWAYS, 'message-persister-1'];
/** Longest between two events, in ms, and the quiet at the end, which is longer than anything that a rule waits for. */
const STEP_MS = 20;
const QUIET_MS = 120_000;

/** The history of a chat that keeps every promise, whatever happens to it: what happens comes from the seed. */
export function simulatedRun(seed: number): readonly HistoryEvent[] {
  const chat = new SimulatedChat(seededRandom(seed));
  return chat.run();
}

/** A log a room, people who come and go, and a harness that notes it all. */
class SimulatedChat {
  readonly #random: Random;
  readonly #events: HistoryEvent[] = [];
  readonly #rooms: readonly number[];
  readonly #people: readonly Person[];
  readonly #visible = new Map<number, Entry[]>();
  readonly #records: Untimed[] = [];
  readonly #rows: Untimed[] = [];
  #at = 0;
  /** Of the `run` event, whose `startedAt` is 0. */
  #runAt = 0;
  #lastId = 1_000;
  #lastNumber = 0;

  constructor(random: Random) {
    this.#random = random;
    this.#rooms = Array.from({ length: random.between(1, 3) }, (_, index) => 70 + index);
    this.#people = Array.from({ length: random.between(2, 5) }, (_, index) => ({
      client: index + 1,
      session: null,
      gateway: '',
      subscriptions: [],
      lastSeen: new Map(),
      unanswered: [],
    }));
  }

  run(): readonly HistoryEvent[] {
    this.#begin();
    const stepCount = this.#random.between(20, 150);
    for (let step = 0; step < stepCount; step += 1) this.#step();
    this.#end();
    return this.#events;
  }

  #note(event: Untimed): void {
    this.#at += this.#random.between(1, STEP_MS);
    this.#events.push({ at: this.#at, ...event } as HistoryEvent); // spread over the members of a union
  }

  #nextNumber(): number {
    return (this.#lastNumber += 1);
  }

  #begin(): void {
    const { length: clientCount } = this.#people;
    const { length: roomCount } = this.#rooms;
    this.#note({ type: 'run', startedAt: 0, seed: 1, clientCount, roomCount, ratePerSecond: 1 });
    this.#runAt = this.#at;
    this.#noteUsage(false);
    for (const person of this.#people) this.#connect(person);
  }

  #step(): void {
    const person = this.#random.pick(this.#people);
    const dice = this.#random.between(0, 99);
    if (person.session === null) this.#connect(person);
    else if (dice < 50) this.#send(person, this.#random.pick(this.#rooms));
    else if (dice < 60) this.#hangUp(person);
    else if (dice < 65) this.#produce(this.#random.chance(0.5));
    else if (dice < 70) this.#noteFault();
    else this.#deliverSome();
  }

  #connect(person: Person): void {
    const session = this.#nextNumber();
    person.session = session;
    person.gateway = this.#random.pick(GATEWAYS);
    this.#note({ type: 'connecting', session, client: person.client, gateway: person.gateway });
    this.#note({ type: 'connected', session });
    person.subscriptions = this.#rooms.map((room) => this.#subscribe(person, session, room));
    for (const { room, key } of person.unanswered.splice(0)) this.#sendKey(person, room, key, true);
  }

  /** Replays what came since, or says that it cannot, and is live. */
  #subscribe(person: Person, session: number, room: number): Subscription {
    const since = person.lastSeen.get(room) ?? null;
    const messages = this.#messagesOf(room);
    const id = this.#nextNumber();
    const receipt = `s${id}`;
    const known = messages.findIndex((entry) => entry.id === since);
    const recovered = since === null ? null : this.#random.chance(0.8);
    this.#note({ type: 'subscribe', session, subscription: id, room, since, receipt });
    const subscription = { id, room, next: recovered === true ? known + 1 : messages.length };
    this.#deliver(person, subscription, messages.length - subscription.next, true);
    this.#note({ type: 'receipt', session, receipt, messageId: null });
    this.#note({ type: 'subscribed', subscription: id, recovered });
    return subscription;
  }

  #hangUp(person: Person, codes: readonly number[] = [1006, 1012, 1013]): void {
    if (person.session === null) return;
    this.#note({ type: 'closed', session: person.session, code: this.#random.pick(codes) });
    person.session = null;
    person.subscriptions = [];
  }

  #send(person: Person, room: number): void {
    this.#sendKey(person, room, `k${this.#nextNumber()}`, false);
  }

  #sendKey(person: Person, room: number, key: string, isResend: boolean): void {
    const { session, client } = person;
    if (session === null) return;
    const receipt = `r${this.#nextNumber()}`;
    this.#note({ type: 'send', session, room, clientMessageId: key, receipt, isResend });
    const earlier = this.#messagesOf(room).find((entry) => entry.sender === client && entry.key === key);
    const dice = this.#random.between(0, 99);
    if (!isResend && dice < 15) return this.#loseAnswer(person, room, key, dice < 10);
    if (!isResend && dice < 20) {
      this.#note({ type: 'error', session, receipt, clientMessageId: key, code: 'OVERLOADED', retryable: true });
      return void person.unanswered.push({ room, key });
    }
    const { id } = earlier ?? this.#append({ room, id: this.#nextId(), sender: client, key, source: person.gateway });
    this.#note({ type: 'receipt', session, receipt, messageId: id });
  }

  /** The gateway dies with the answer, before or after Kafka had the record; which may come twice. */
  #loseAnswer(person: Person, room: number, key: string, isAppended: boolean): void {
    const entry = { room, sender: person.client, key, source: person.gateway };
    if (isAppended) this.#append({ ...entry, id: this.#nextId() });
    if (isAppended && this.#random.chance(0.5)) this.#record({ ...entry, id: this.#nextId() });
    person.unanswered.push({ room, key });
    this.#hangUp(person, isAppended ? [1006, 1013] : undefined);
  }

  #produce(isCommitted: boolean): void {
    const room = this.#random.pick(this.#rooms);
    const id = this.#nextId();
    this.#note({ type: 'produced', room, eventId: id, isCommitted });
    if (isCommitted) this.#append({ room, id, sender: 999, key: null, source: null });
  }

  #noteFault(): void {
    const fault = this.#nextNumber();
    const target = this.#random.pick(INSTANCES);
    this.#note({ type: 'fault', fault, name: 'F1', target, freezes: [target] });
    this.#note({ type: 'faultEnded', fault });
  }

  #nextId(): string {
    return String((this.#lastId += 1));
  }

  #messagesOf(room: number): Entry[] {
    const messages = this.#visible.get(room) ?? [];
    this.#visible.set(room, messages);
    return messages;
  }

  #append(entry: Entry): Entry {
    const messages = this.#messagesOf(entry.room);
    messages.push(entry);
    const { partition, offset } = this.#record(entry);
    const { room, id, sender, key } = entry;
    const place = { epoch: 1, partition, offset, seq: messages.length };
    this.#rows.push({ type: 'row', room, ...place, id, sender, clientMessageId: key });
    return entry;
  }

  /** Offsets have holes. */
  #record({ room, id, sender, key, source }: Entry): { partition: number; offset: number } {
    const place = { partition: room % 2, offset: this.#nextNumber() };
    const clientKey = key === null ? null : `${sender}:${room}:${key}`;
    this.#records.push({
      ...{ type: 'record', ...place, room, id, sender },
      ...{ eventKey: `${room}:${id}`, clientKey, source, sentAt: this.#at - this.#runAt, refusal: null },
    });
    return place;
  }

  #deliverSome(): void {
    for (const person of this.#people) {
      for (const subscription of person.subscriptions) {
        this.#deliver(person, subscription, this.#random.between(0, 3), false);
      }
    }
  }

  /** The next ones that the subscription does not have, `prev` known or not. */
  #deliver(person: Person, subscription: Subscription, most: number, replayed: boolean): void {
    const { room, id: number } = subscription;
    const messages = this.#messagesOf(room);
    for (const entry of messages.slice(subscription.next, subscription.next + most)) {
      const prev = this.#random.chance(0.8) ? (messages[subscription.next - 1]?.id ?? null) : null;
      const { id, sender, key: clientMessageId } = entry;
      this.#note({ type: 'message', subscription: number, id, prev, clientMessageId, sender, replayed });
      subscription.next += 1;
      person.lastSeen.set(room, id);
    }
  }

  #end(): void {
    for (const person of this.#people) if (person.session === null) this.#connect(person);
    for (const person of this.#people) {
      for (const { room, key } of person.unanswered.splice(0)) this.#sendKey(person, room, key, true);
    }
    for (const person of this.#people) {
      for (const subscription of person.subscriptions) this.#deliver(person, subscription, Infinity, false);
    }
    this.#noteRecovery();
    this.#at += QUIET_MS;
    this.#noteUsage(true);
    for (const event of [...this.#records, ...this.#rows]) this.#note(event);
    this.#note({ type: 'ended' });
  }

  #noteRecovery(): void {
    this.#note({ type: 'healed' });
    for (const instance of INSTANCES) this.#note({ type: 'ready', instance, afterMs: 500 });
    this.#note({ type: 'caughtUp', afterMs: 800 });
    this.#note({ type: 'firstMessage', afterMs: 30 });
  }

  #noteUsage(isAfter: boolean): void {
    for (const instance of INSTANCES) {
      const memoryBytes = 50_000_000 + this.#random.between(0, 10_000_000);
      this.#note({ type: 'usage', instance, isAfter, memoryBytes, handleCount: 40, connectionCount: 20 });
    }
  }
}
