import type { ReplayedMessage, ResumePoint } from '@chat/database';
import { asMessageId, asRoomId, asUserId, type UserId } from '@chat/dto';
import { partitionOf } from '@chat/kafka-contracts';
import { createLogger, createMetricsRegistry, systemClock } from '@chat/service-kit';
import { FrameParser, headerOf, type StompFrame } from '@chat/stomp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveSession } from '../broker/live-session.ts';
import { KnownMessages } from '../broker/known-messages.ts';
import { RecentMessages } from '../broker/recent-messages.ts';
import type { ReplayRequest } from '../broker/replay-request.ts';
import type { Subscription } from '../broker/requests.ts';
import { RoomTails } from '../broker/room-tails.ts';
import { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import { PendingSends } from '../broker/pending-sends.ts';
import { createGatewayMetrics } from '../metrics.ts';
import { ChatMessagesConsumer } from '../outbound/chat-messages.ts';
import { DeliveryMarks } from '../receipts/delivery-marks.ts';
import { HeldSubscriptions } from './held-subscriptions.ts';
import { newestOf } from './newest-under-test.ts';
import { RoomReplay } from './room-replay.ts';
import { RoomSubscriptions } from './room-subscriptions.ts';
import { StoredPositions } from './stored-positions.ts';

const PARTITIONS = 1;
const PARTITION = partitionOf('7', PARTITIONS);
const EPOCH = 1;
const room = asRoomId(7);
/** No client is his. */
const writer = asUserId(1_000_000);
const logger = createLogger('test', { level: 'silent', instanceId: 'test' });
const metrics = createGatewayMetrics(createMetricsRegistry('test'), () => 0);
const turn = () => new Promise(setImmediate);

/** One record of the log; every third offset is a marker, which no reader is told of. Ids do not follow the order. */
const idAt = (offset: number) => 1_000_000 - offset * 7;
const isMarker = (offset: number) => offset % 3 === 2;
const messageAt = (offset: number) => ({
  id: asMessageId(idAt(offset)),
  senderId: writer,
  roomId: room,
  content: `at ${offset}`,
  type: 'GROUP' as const,
  timestamp: '2025-04-29T15:23:00Z',
});

/** A gateway's part of the log, its rows, and clients: what each does is the test's to say. */
class Scene {
  readonly #subscriptions = new SubscriptionRegistry();
  readonly #held = new HeldSubscriptions({ maxMessages: 1_000, maxBytes: 1_000_000 });
  readonly #tails = new RoomTails(10_000);
  readonly #stored = new StoredPositions();
  readonly #marks = new DeliveryMarks({ findTail: (roomId) => this.#tails.find(PARTITION, roomId)?.offset });
  readonly #consumer: ChatMessagesConsumer;
  readonly #rooms: RoomSubscriptions;
  #end = 0;
  #read = 0;
  #storedUpTo = 0;
  #subscriptionCount = 0;

  constructor() {
    this.#consumer = new ChatMessagesConsumer({
      subscriptions: this.#subscriptions,
      held: this.#held,
      marks: this.#marks,
      notifications: { isNotified: () => false, noteMessage: () => {} },
      receipts: { isListening: () => false, sent: () => {} },
      recent: new RecentMessages(10_000),
      tails: this.#tails,
      pending: new PendingSends(),
      removed: () => {},
      known: new KnownMessages(),
      partitionCount: () => PARTITIONS,
      clock: systemClock,
      tracing: null,
      stories: { passed: () => {} },
      metrics,
      logger,
    });
    this.#rooms = new RoomSubscriptions({
      subscriptions: this.#subscriptions,
      held: this.#held,
      tails: this.#tails,
      marks: this.#marks,
      replay: new RoomReplay({
        rows: {
          findResumePoint: (_, __, messageId) => Promise.resolve(this.#pointOf(messageId)),
          listReplay: ({ after, before }) => Promise.resolve(this.#rowsBetween(after.offset, before.offset)),
          listNewest: ({ before, messageCount }) =>
            Promise.resolve(newestOf(this.#rowsBetween(-1, before.offset), messageCount)),
        },
        stored: this.#stored,
        inTurn: (work) => work(),
        limits: { maxRows: 1_000, maxBytes: 1_000_000 },
        now: () => 0,
      }),
      partitionOf: () => PARTITION,
      readUpTo: (partition) => this.#tails.nextOffset(partition) ?? 0,
      maxBacklogBytes: 1_000,
      now: () => 0,
      metrics,
    });
  }

  append(count: number): void {
    this.#end += count;
  }

  async read(count: number): Promise<void> {
    const to = Math.min(this.#end, this.#read + count);
    const records = [];
    for (; this.#read < to; this.#read += 1) {
      if (isMarker(this.#read)) continue;
      const message = messageAt(this.#read);
      records.push({
        key: Buffer.from('7'),
        value: Buffer.from(JSON.stringify(message)),
        headers: { ce_id: String(message.id) },
        offset: this.#read,
        timestamp: 0,
      });
    }
    await this.#consumer.consume(PARTITION, records);
  }

  store(count: number): void {
    this.#storedUpTo = Math.min(this.#end, this.#storedUpTo + count);
    this.#stored.note({ epoch: EPOCH, partition: PARTITION, next: this.#storedUpTo });
  }

  /** What is told of the deliveries to each client. */
  collectMarks(): ReadonlyMap<UserId, { readonly upTo: number; readonly unbrokenFrom: number }> {
    const groups = this.#marks.collectAll().flatMap((marks) => marks.groups);
    return new Map(
      groups.flatMap(({ upTo, userIds, unbrokenFrom }) =>
        userIds.map((userId, at) => [userId, { upTo, unbrokenFrom: unbrokenFrom[at] ?? upTo }] as const),
      ),
    );
  }

  /** A client of a user of its own. */
  subscribe(replay: ReplayRequest) {
    const id = String((this.#subscriptionCount += 1));
    const userId = asUserId(this.#subscriptionCount);
    const frames: StompFrame[] = [];
    const take = (frame: Buffer) => {
      const parser = new FrameParser();
      parser.setVersion('1.2');
      parser.push(frame.subarray(frame[1] === 126 ? 4 : 2));
      frames.push(parser.next() as StompFrame);
    };
    const session: LiveSession = {
      sessionId: 's',
      userId,
      version: '1.2',
      receiver: { outboundBytes: 0, sendFramed: take, sendSheddable: () => true, whenTaken: () => null },
      subscriptionTo: () => undefined,
      fail: () => {},
    };
    const target = { kind: 'room', roomId: room } as const;
    const subscription: Subscription = { id, headerId: id, destination: '', target, unacknowledged: null, replay };
    const outcome = this.#rooms.open({ session, subscription, roomId: room, dueAt: 60_000 });
    return { frames, outcome, replay, userId, readAtStart: this.#read };
  }

  /** Everything is read and stored in the end. */
  async settle(): Promise<void> {
    this.append(1);
    await this.read(Infinity);
    this.store(Infinity);
    for (let at = 0; at < 10; at += 1) await turn();
  }

  get offsets(): number[] {
    return Array.from({ length: this.#end }, (_, offset) => offset).filter((offset) => !isMarker(offset));
  }

  #pointOf(messageId: number | null): ResumePoint {
    const offset = this.offsets.find((at) => idAt(at) === messageId && at < this.#storedUpTo);
    const since = offset === undefined ? null : { epoch: EPOCH, offset };
    return { epoch: EPOCH, storedUpTo: this.#storedUpTo, since };
  }

  #rowsBetween(after: number, before: number): ReplayedMessage[] {
    return this.offsets
      .filter((offset) => offset > after && offset < before && offset < this.#storedUpTo)
      .map((offset) => ({ message: messageAt(offset), offset, clientMessageId: null }));
  }
}

type Client = ReturnType<Scene['subscribe']>;

/** What the client names as seen. */
function seenBy({ replay }: Client): readonly string[] {
  return replay.kind === 'since' && replay.messageId !== null ? [String(replay.messageId)] : [];
}

function firstOffsetOf({ replay, readAtStart }: Client, offsets: readonly number[]): number {
  switch (replay.kind) {
    case 'since':
      return replay.messageId === null ? 0 : offsets.findIndex((offset) => idAt(offset) === replay.messageId) + 1;
    case 'history':
      return Math.max(0, offsets.filter((offset) => offset < readAtStart).length - replay.count);
    case 'none':
      return offsets.filter((offset) => offset < readAtStart).length;
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('read' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('store' as const), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ do: fc.constant('since' as const), count: fc.nat({ max: 40 }) }),
  fc.record({ do: fc.constant('history' as const), count: fc.nat({ max: 6 }) }),
  fc.record({ do: fc.constant('plain' as const), count: fc.constant(0) }),
  fc.record({ do: fc.constant('turn' as const), count: fc.constant(0) }),
);

async function perform(scene: Scene, { do: what, count }: { do: string; count: number }, clients: Client[]) {
  if (what === 'append') scene.append(count);
  else if (what === 'read') await scene.read(count);
  else if (what === 'store') scene.store(count);
  else if (what === 'turn') await turn();
  else if (what === 'history') clients.push(scene.subscribe({ kind: 'history', count }));
  else if (what === 'plain') clients.push(scene.subscribe({ kind: 'none' }));
  else {
    const { offsets } = scene; // any message that is in the log, read here or not
    const seen = offsets[count % (offsets.length + 1)];
    clients.push(scene.subscribe({ kind: 'since', messageId: seen === undefined ? null : asMessageId(idAt(seen)) }));
  }
}

describe('a subscription to a room', () => {
  it('gets what it asked for and everything after it, in order, once, whatever was read and stored by then', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const scene = new Scene();
        const clients: Client[] = [];
        for (const one of steps) await perform(scene, one, clients);
        await scene.settle();
        const ids = scene.offsets.map(idAt).map(String);
        await Promise.all(clients.map(({ outcome }) => outcome));
        const marks = scene.collectMarks();
        for (const client of clients) {
          expect(await client.outcome).toEqual({ recovered: 'true' });
          const from = firstOffsetOf(client, scene.offsets);
          const got = client.frames.map((frame) => headerOf(frame, 'message-id'));
          expect(got).toEqual(ids.slice(from));
          const mark = marks.get(client.userId);
          const isCovered = (at: number) => mark !== undefined && at >= mark.unbrokenFrom && at <= mark.upTo;
          expect(scene.offsets.filter(isCovered).map(idAt).map(String)).toEqual([...seenBy(client), ...got]);
          for (const [at, frame] of client.frames.entries()) {
            const prev = headerOf(frame, 'prev');
            if (prev !== undefined || at > 0) expect(prev).toBe(ids[from + at - 1]);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);
});
