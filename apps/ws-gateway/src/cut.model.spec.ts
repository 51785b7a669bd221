import { setImmediate } from 'node:timers/promises';
import type { ReplayedMessage } from '@chat/database';
import { asMessageId, asRoomId, asUserId, type MessageDTO, type RoomEventDTO, type UserId } from '@chat/dto';
import { partitionOf } from '@chat/kafka-contracts';
import { createLogger, createMetricsRegistry, systemClock } from '@chat/service-kit';
import { FrameParser, headerOf, type StompFrame } from '@chat/stomp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenSession } from './broker/gateway.ts';
import { KnownMessages } from './broker/known-messages.ts';
import { PendingSends } from './broker/pending-sends.ts';
import { RecentMessages } from './broker/recent-messages.ts';
import type { ReplayRequest } from './broker/replay-request.ts';
import type { Subscription } from './broker/requests.ts';
import { RoomTails } from './broker/room-tails.ts';
import { SessionRegistry } from './broker/session-registry.ts';
import { SubscriptionRegistry } from './broker/subscription-registry.ts';
import { UserQuotas } from './broker/user-quotas.ts';
import { ChatGateway } from './gateway.ts';
import { CoveredRooms } from './membership/covered-rooms.ts';
import { MembershipIndex, type Membership } from './membership/membership-index.ts';
import { createRemovals } from './membership/removals.ts';
import { createGatewayMetrics } from './metrics.ts';
import { ChatMessagesConsumer } from './outbound/chat-messages.ts';
import { RoomEventsConsumer } from './outbound/room-events.ts';
import type { RoomPresence } from './presence/room-presence.ts';
import { RoomWatch } from './presence/room-watch.ts';
import { SessionAnnouncer } from './presence/session-announcer.ts';
import { SessionTabs } from './presence/session-tabs.ts';
import { DeliveryMarks } from './receipts/delivery-marks.ts';
import { HeldSubscriptions } from './replay/held-subscriptions.ts';
import { newestOf } from './replay/newest-under-test.ts';
import { RoomReplay } from './replay/room-replay.ts';
import { RoomSubscriptions } from './replay/room-subscriptions.ts';
import { StoredPositions } from './replay/stored-positions.ts';
import { RoomTyping } from './typing/room-typing.ts';

const PARTITIONS = 1;
/** To receipts. */
const NO_SENDER_LISTENS = {
  isListening: () => false,
  sent: () => {},
  subscribe: () => {},
  unsubscribe: () => {},
  entered: () => {},
};
/** To notifications. */
const NOBODY_LISTENS = {
  isNotified: () => false,
  noteMessage: () => {},
  subscribe: () => {},
  unsubscribe: () => {},
  left: () => {},
};
const PARTITION = partitionOf('7', PARTITIONS);
const EPOCH = 1;
const at = '2025-04-29T15:23:00Z';
/** Eve comes and goes; Ada stays. */
const [room, ada, eve] = [asRoomId(7), asUserId(1), asUserId(2)];
const logger = createLogger('test', { level: 'silent', instanceId: 'test' });
const metrics = createGatewayMetrics(createMetricsRegistry('test'), () => 0);

interface Removal {
  readonly version: number;
}

/**
 * One gateway, the room's table, its outbox on the way to two topics, and how far each of them is read: what happens next is the
 * test's to say. Every answer of the database waits until it is let through, with what held when it was asked.
 */
class World {
  readonly #memberships: MembershipIndex;
  readonly #gateway: ChatGateway;
  readonly #messages: ChatMessagesConsumer;
  readonly #events: RoomEventsConsumer;
  readonly #stored = new StoredPositions();
  readonly #answers: (() => void)[] = [];
  readonly #log: MessageDTO[] = [];
  readonly #roomEvents: RoomEventDTO[] = [];
  /** What the relay has still to publish. */
  readonly #messageOutbox: Removal[] = [];
  readonly #eventOutbox: RoomEventDTO[] = [];
  readonly #additions: number[] = [];
  readonly #removalOffsets = new Map<number, number>();
  readonly violations: string[] = [];
  readonly sessions: Client[] = [];
  #version = 1;
  #isMember = true;
  #readLog = 0;
  #reading = Promise.resolve();
  #readEvents = 0;
  #storedUpTo = 0;
  #count = 0;

  constructor() {
    const subscriptions = new SubscriptionRegistry();
    const held = new HeldSubscriptions({ maxMessages: 1_000, maxBytes: 1_000_000 });
    const tails = new RoomTails(10_000);
    const marks = new DeliveryMarks({ findTail: (roomId) => tails.find(PARTITION, roomId)?.offset });
    this.#memberships = new MembershipIndex({
      listMembershipsOf: (userId) => this.#ask(() => [this.#membershipOf(userId)].filter((one) => one !== null)),
      findAccess: (_, userId) => this.#ask(() => ({ membership: this.#membershipOf(userId), isVisible: true })),
    });
    const rooms = new RoomSubscriptions({
      ...{ subscriptions, held, tails, marks, metrics },
      replay: new RoomReplay({
        rows: {
          findResumePoint: (_, __, id) => this.#ask(() => this.#pointOf(id)),
          listReplay: ({ after, before }) => this.#ask(() => this.#rowsBetween(after.offset, before.offset)),
          listNewest: ({ before, messageCount }) =>
            this.#ask(() => newestOf(this.#rowsBetween(-1, before.offset), messageCount)),
        },
        stored: this.#stored,
        inTurn: (work) => work(),
        limits: { maxRows: 1_000, maxBytes: 1_000_000 },
        now: () => 0,
      }),
      partitionOf: () => PARTITION,
      readUpTo: (partition) => tails.nextOffset(partition) ?? 0,
      maxBacklogBytes: 1_000,
      now: () => 0,
    });
    const watch = new RoomWatch();
    const announcer = { publish: () => Promise.resolve(), gatewayId: () => 'g', clock: { now: () => 0 }, logger };
    const channels = { open: () => {}, close: () => {}, publish: () => true };
    this.#gateway = new ChatGateway({
      stories: { answered: () => {} },
      covered: new CoveredRooms({
        ...{ memberships: this.#memberships, now: () => 0 },
        feed: { coveredSince: () => 0, whenCovered: () => null },
      }),
      ...{ subscriptions, rooms, memberships: this.#memberships },
      sessions: new SessionRegistry<OpenSession>(),
      presence: null as unknown as RoomPresence, // nobody watches presence here
      tabs: new SessionTabs(new SessionAnnouncer(announcer)),
      typing: new RoomTyping({ subscriptions, channels, metrics, now: () => 0 }),
      notifications: NOBODY_LISTENS,
      receipts: NO_SENDER_LISTENS,
      commands: { subscribe: () => Promise.resolve({}) },
      quotas: new UserQuotas({
        maxSessions: 1_000,
        sends: { perSecond: 1, burst: 1 },
        messages: { perSecond: Infinity, take: () => 0 },
        now: () => 0,
      }),
      revocations: { refusalOf: () => null },
      metrics: createGatewayMetrics(createMetricsRegistry('test')),
      authenticate: () => Promise.reject(new Error('nobody authenticates here')),
      routes: {
        dispatch: () => ({ handedOver: null, outcome: Promise.resolve({}) }),
        commit: () => ({ handedOver: null, outcome: Promise.resolve([]) }),
      },
    });
    const removed = createRemovals({ memberships: this.#memberships, withdraw: this.#gateway.withdrawFrom });
    this.#messages = new ChatMessagesConsumer({
      ...{ subscriptions, held, marks, tails, removed, metrics, logger },
      clock: systemClock,
      notifications: NOBODY_LISTENS,
      receipts: NO_SENDER_LISTENS,
      recent: new RecentMessages(10_000),
      pending: new PendingSends(),
      known: new KnownMessages(),
      partitionCount: () => PARTITIONS,
      tracing: null,
      stories: { passed: () => {} },
    });
    this.#events = new RoomEventsConsumer({
      ...{ memberships: this.#memberships, watch, removed, logger },
      added: (_, userId) => void this.#memberships.relearn(userId),
    });
  }

  get end(): number {
    return this.#log.length;
  }

  /** The room's table changes, and with it the outbox. */
  removeOrAddEve(): void {
    this.#version += 1;
    const version = this.#version;
    const event = this.#isMember ? 'MEMBER_REMOVED' : 'MEMBER_ADDED';
    this.#eventOutbox.push({ roomId: room, userId: eve, event, role: 'MEMBER', version, at });
    if (this.#isMember) this.#messageOutbox.push({ version });
    else this.#additions.push(version);
    this.#isMember = !this.#isMember;
  }

  append(): void {
    this.#log.push(this.#message({ content: 'hello' }));
  }

  /** The oldest removal reaches the room's log; where it stays in the outbox it will do so again. */
  relayMessage(isMarked: boolean): void {
    const removal = isMarked ? this.#messageOutbox.shift() : this.#messageOutbox[0];
    if (removal === undefined) return;
    const { version } = removal;
    if (!this.#removalOffsets.has(version)) this.#removalOffsets.set(version, this.end);
    const system = { event: 'MEMBER_REMOVED', userId: eve, version, cause: 'REMOVED' };
    this.#log.push({ ...this.#message({ kind: 'SYSTEM', system }), id: asMessageId(1_000_000 + version) });
  }

  relayEvent(): void {
    const event = this.#eventOutbox.shift();
    if (event !== undefined) this.#roomEvents.push(event);
  }

  /** What is behind an archiving, which says nothing of members, may come before it where the relay had to try again. */
  relayEventsSwapped(): void {
    const [first, second] = this.#eventOutbox.splice(0, 2);
    this.#roomEvents.push(...[second, first].filter((event) => event !== undefined));
  }

  archive(): void {
    this.#version += 1;
    this.#eventOutbox.push({ roomId: room, event: 'ROOM_ARCHIVED', version: this.#version, at });
  }

  /** One batch after another; others have their turns in between. */
  readLog(count: number): Promise<void> {
    const records = this.#log.slice(this.#readLog, this.#readLog + count).map((message, index) => ({
      key: Buffer.from('7'),
      value: Buffer.from(JSON.stringify(message)),
      headers: { ce_id: String(message.id) },
      offset: this.#readLog + index,
      timestamp: 0,
    }));
    this.#readLog += records.length;
    this.#reading = this.#reading.then(() => this.#messages.consume(PARTITION, records));
    return this.#reading;
  }

  readEvents(count: number): void {
    const events = this.#roomEvents.slice(this.#readEvents, this.#readEvents + count);
    this.#readEvents += events.length;
    this.#events.consume(events.map((event) => ({ key: null, value: Buffer.from(JSON.stringify(event)) })));
  }

  store(count: number): void {
    this.#storedUpTo = Math.min(this.end, this.#storedUpTo + count);
    this.#stored.note({ epoch: EPOCH, partition: PARTITION, next: this.#storedUpTo });
  }

  answer(which: number): void {
    const [answer] = this.#answers.splice(which % Math.max(1, this.#answers.length), 1);
    answer?.();
  }

  connect(userId: UserId): Client {
    const client = new Client(userId, this.#gateway, (id) => this.#judge(userId, id));
    this.sessions.push(client);
    void this.#memberships.enter(userId).then(() => client.open());
    return client;
  }

  /** Everything that is under way arrives. */
  async settle(): Promise<void> {
    while (this.#messageOutbox.length > 0) this.relayMessage(true);
    while (this.#eventOutbox.length > 0) this.relayEvent();
    this.append();
    for (let round = 0; round < 6; round += 1) {
      await this.readLog(Infinity);
      this.readEvents(Infinity);
      this.store(Infinity);
      while (this.#answers.length > 0) this.answer(0);
      await setImmediate();
    }
  }

  get isEveMember(): boolean {
    return this.#isMember;
  }

  idAt(offset: number): string | undefined {
    return this.#log[offset] && String(this.#log[offset].id);
  }

  messageIds(): string[] {
    return [...new Set(this.#log.map(({ id }) => String(id)))]; // the first of repeats counts
  }

  /** What Eve gets lies before each cut, but for those that she had come back from by then. */
  #judge(userId: UserId, messageId: string): void {
    if (userId !== eve) return;
    const offset = this.#log.findIndex(({ id }) => String(id) === messageId);
    const lastCut = Math.max(-1, ...[...this.#removalOffsets].filter(([, cut]) => cut < offset).map(([v]) => v));
    if (lastCut === -1 || this.#additions.some((version) => version > lastCut)) return;
    this.violations.push(`${offset} behind the removal of version ${lastCut}`);
  }

  #ask<Answer>(read: () => Answer): Promise<Answer> {
    const snapshot = read();
    return new Promise((resolve) => void this.#answers.push(() => resolve(snapshot)));
  }

  #membershipOf(userId: UserId): Membership | null {
    if (userId === eve && !this.#isMember) return null;
    const version = this.#version;
    return { roomId: room, userId, role: 'MEMBER', version, roomType: 'GROUP', roomStatus: 'ACTIVE' };
  }

  #message(fields: Partial<MessageDTO>): MessageDTO {
    this.#count += 1;
    const id = asMessageId(this.#count);
    return { id, senderId: ada, roomId: room, content: '', type: 'GROUP', timestamp: at, ...fields };
  }

  #pointOf(messageId: number | null) {
    const offset = this.#log.findIndex(({ id }) => id === messageId);
    const since = offset < 0 || offset >= this.#storedUpTo ? null : { epoch: EPOCH, offset };
    return { epoch: EPOCH, storedUpTo: this.#storedUpTo, since };
  }

  #rowsBetween(after: number, before: number): ReplayedMessage[] {
    return this.#log
      .map((message, offset) => ({ message, offset, clientMessageId: null }))
      .filter(({ offset }) => offset > after && offset < before && offset < this.#storedUpTo)
      .filter(({ message, offset }) => this.#log.findIndex(({ id }) => id === message.id) === offset);
  }
}

/** A session; a real one would speak STOMP. */
class Client {
  readonly userId: UserId;
  readonly frames: StompFrame[] = [];
  readonly subscriptions = new Map<string, Subscription>();
  readonly #session: OpenSession;
  readonly #gateway: ChatGateway;
  #isOpen = false;
  #isClosed = false;
  #subscriptionCount = 0;

  constructor(userId: UserId, gateway: ChatGateway, onMessage: (id: string) => void) {
    this.userId = userId;
    this.#gateway = gateway;
    const take = (frame: Buffer) => {
      if (this.#isClosed) return;
      const parser = new FrameParser();
      parser.setVersion('1.2');
      parser.push(frame.subarray(frame[1] === 126 ? 4 : 2));
      const parsed = parser.next() as StompFrame; // whole frames are handed over
      this.frames.push(parsed);
      onMessage(headerOf(parsed, 'message-id') ?? '');
    };
    this.#session = {
      sessionId: 's',
      userId,
      tokens: [],
      caller: { userId, username: '', expiresAt: Infinity, token: { id: 't-1', issuedAt: null } },
      version: '1.2',
      receiver: { outboundBytes: 0, sendFramed: take, sendSheddable: () => true, whenTaken: () => null },
      subscriptions: this.subscriptions,
      subscriptionTo: () => undefined,
      fail: () => {},
      renew: () => {},
      withdraw: (subscription) => {
        if (this.subscriptions.delete(subscription.id)) gateway.unsubscribe(this.#session, subscription);
      },
    };
  }

  open(): void {
    this.#isOpen = true;
    this.#gateway.open(this.#session);
  }

  close(): void {
    if (!this.#isOpen || this.#isClosed) return;
    this.#isClosed = true;
    this.#gateway.close(this.#session, 'LOST');
    this.subscriptions.clear();
  }

  subscribe(replay: ReplayRequest): void {
    if (!this.#isOpen || this.#isClosed) return;
    const id = String((this.#subscriptionCount += 1));
    const target = { kind: 'room', roomId: room } as const;
    const subscription = { id, headerId: id, destination: '', target, unacknowledged: null, replay };
    this.subscriptions.set(id, subscription);
    const { outcome } = this.#gateway.subscribe(this.#session, subscription, 60_000);
    const undo = () => this.#isClosed && this.#gateway.unsubscribe(this.#session, subscription);
    outcome.then(undo, () => this.subscriptions.delete(id));
  }

  messageIds(): (string | undefined)[] {
    return this.frames.map((frame) => headerOf(frame, 'message-id'));
  }
}

const STEPS = {
  append: 6,
  'remove or add': 2,
  archive: 1,
  'relay message': 3,
  'relay message, unmarked': 1,
  'relay event': 3,
  'relay events swapped': 1,
  'read log': 5,
  'read events': 3,
  store: 3,
  answer: 6,
  turn: 3,
  microtask: 3,
  connect: 2,
  close: 1,
  plain: 3,
  since: 3,
  history: 2,
} as const;
type StepName = keyof typeof STEPS;

const step = fc.record({
  do: fc.oneof(
    ...Object.entries(STEPS).map(([name, weight]) => ({ arbitrary: fc.constant(name as StepName), weight })), // its own keys
  ),
  n: fc.nat({ max: 30 }),
});

async function perform(world: World, { do: what, n }: { do: StepName; n: number }): Promise<void> {
  const client = world.sessions[1 + (n % (world.sessions.length - 1))]; // the first one is Ada's, who stays
  switch (what) {
    case 'append':
      return world.append();
    case 'remove or add':
      return world.removeOrAddEve();
    case 'archive':
      return world.archive();
    case 'relay message':
      return world.relayMessage(true);
    case 'relay message, unmarked':
      return world.relayMessage(false);
    case 'relay event':
      return world.relayEvent();
    case 'relay events swapped':
      return world.relayEventsSwapped();
    case 'read log':
      return void world.readLog(1 + (n % 4));
    case 'read events':
      return world.readEvents(1 + (n % 3));
    case 'store':
      return world.store(1 + (n % 6));
    case 'answer':
      return world.answer(n);
    case 'turn':
      return setImmediate();
    case 'microtask':
      return Promise.resolve();
    case 'connect':
      return void world.connect(n % 3 === 0 ? ada : eve);
    case 'close':
      return client?.close();
    case 'plain':
      return client?.subscribe({ kind: 'none' });
    case 'history':
      return client?.subscribe({ kind: 'history', count: n });
    case 'since': {
      const id = n % 4 === 0 ? undefined : world.idAt(n % (world.end + 1));
      return client?.subscribe({ kind: 'since', messageId: id === undefined ? null : asMessageId(Number(id)) });
    }
  }
}

describe('a removal', () => {
  it('is a cut in the log of the room: nothing behind it reaches the removed, in whatever order things are heard of', async () => {
    let cutCount = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 120 }), async (steps) => {
        const world = new World();
        const [stays, comesAndGoes] = [world.connect(ada), world.connect(eve)];
        for (const each of [0, 0]) world.answer(each);
        await setImmediate();
        for (const client of [stays, comesAndGoes]) client.subscribe({ kind: 'none' });
        for (const one of steps) await perform(world, one);
        await world.settle();
        const back = world.connect(eve);
        await world.settle();
        back.subscribe({ kind: 'none' });
        await world.settle();
        const before = back.frames.length;
        await world.settle();

        expect(world.violations).toEqual([]);
        expect(stays.messageIds()).toEqual(world.messageIds());
        expect(back.frames.length - before).toBe(world.isEveMember ? 1 : 0);
        if (world.isEveMember) return;
        expect(
          world.sessions.filter(({ userId }) => userId === eve).flatMap((each) => [...each.subscriptions]),
        ).toEqual([]);
        cutCount += 1;
      }),
      { numRuns: 1_500 },
    );
    expect(cutCount).toBeGreaterThan(100);
  }, 120_000);
});
