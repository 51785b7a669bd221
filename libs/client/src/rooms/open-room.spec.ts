import type { HistoryMessageDTO } from '@chat/dto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Discontinuity, HistoryPage, OpenRoom, OpenRoomOptions, RestApi } from '../api.ts';
import { ChatClientError } from '../error.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { Subscriptions, WantedSubscription } from '../session/subscriptions.ts';
import { openRoom } from './open-room.ts';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5); // of pauses
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const ROOM_ID = 7;
/** How long a frame is on its way, one of a gateway that is behind, and an answer of REST, in ms. */
const FRAME_MS = 5;
const SLOW_FRAME_MS = 300;
const REST_MS = 20;
/** Messages of a page, whatever is asked for, and of a replay. */
const PAGE_SIZE = 3;
const REPLAY_MAX_MESSAGES = 6;

interface Subscription {
  readonly wanted: WantedSubscription;
  isAsked: boolean;
}

/** A room whose log grows, rows that may stay behind, and one gateway whose connection breaks. */
class World {
  readonly log: HistoryMessageDTO[] = [];
  readonly delivered: number[] = [];
  /** With how much was delivered before, and how much there was. */
  readonly told: { readonly gap: Discontinuity; readonly deliveredCount: number; readonly logLength: number }[] = [];
  storedCount = 0;
  isPersisting = true;
  knowsPrev = true;
  /** The gateway asks rows, which may be behind. */
  canRecover = true;
  frameMs = FRAME_MS;
  subscribeCount = 0;
  readonly #subscriptions = new Set<Subscription>();
  #session = 0;
  #isConnected = false;
  #lastFrameAt = 0;

  open(options: Partial<OpenRoomOptions>): OpenRoom {
    return openRoom(
      ROOM_ID,
      {
        ...options,
        onMessage: (message, origin) => {
          this.delivered.push(message.id);
          options.onMessage?.(message, origin);
        },
        onDiscontinuity: (gap) =>
          this.told.push({ gap, deliveredCount: this.delivered.length, logLength: this.log.length }),
      },
      {
        subscriptions: { add: (wanted: WantedSubscription) => this.#add(wanted) } as Subscriptions,
        limits: DEFAULT_LIMITS,
        rest: { listMessages: (_, query) => this.#listMessages(query) } as Pick<RestApi, 'listMessages'> as RestApi,
        call: (listener) => listener(),
        report: (error) => expect.fail(error.message),
      },
    );
  }

  /** Ids do not ascend with the log. */
  idAt(place: number): number {
    return 1_000_000 - place * 7;
  }

  placeOf(id: number): number {
    return id === 0 ? 0 : (1_000_000 - id) / 7;
  }

  append(kind?: 'EDIT'): void {
    const id = this.idAt(this.log.length + 1);
    this.log.push({ id, ...(kind && { kind, targetId: this.idAt(1) }) } as HistoryMessageDTO); // the rest is of no account
    this.#persist();
    for (const subscription of this.#subscriptions)
      if (this.#isConnected && subscription.isAsked) this.#message(subscription, this.log.length, false);
  }

  /** The gateway leaves the next one out. */
  skip(): void {
    const isConnected = this.#isConnected;
    this.#isConnected = false;
    this.append();
    this.#isConnected = isConnected;
  }

  persist(isPersisting: boolean): void {
    this.isPersisting = isPersisting;
    this.#persist();
  }

  connect(): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    for (const subscription of this.#subscriptions) this.#subscribe(subscription);
  }

  cut(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#session += 1;
    for (const subscription of this.#subscriptions) {
      subscription.isAsked = false;
      subscription.wanted.lost?.();
    }
  }

  #persist(): void {
    if (this.isPersisting) this.storedCount = this.log.length;
  }

  #add(wanted: WantedSubscription) {
    const subscription = { wanted, isAsked: false };
    this.#subscriptions.add(subscription);
    if (this.#isConnected) this.#subscribe(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  #subscribe(subscription: Subscription): void {
    this.subscribeCount += 1;
    subscription.isAsked = true;
    const { since, history } = subscription.wanted.headers?.() ?? {};
    const end = this.log.length;
    const after = since === undefined ? Math.max(0, end - Number(history)) : this.placeOf(Number(since));
    const areRowsThere = this.storedCount === end && this.canRecover;
    const isRecovered = after === end || (areRowsThere && end - after <= REPLAY_MAX_MESSAGES);
    if (isRecovered) for (let place = after + 1; place <= end; place += 1) this.#message(subscription, place, true);
    this.#later(subscription, () => subscription.wanted.live?.({ recovered: String(isRecovered) }));
  }

  #message(subscription: Subscription, place: number, isReplayed: boolean): void {
    const message = this.log[place - 1];
    const headers = {
      'message-id': String(this.idAt(place)),
      ...(this.knowsPrev && place > 1 && { prev: String(this.idAt(place - 1)) }),
      ...(isReplayed && { replayed: 'true' }),
    };
    this.#later(subscription, () => subscription.wanted.message({ headers, body: JSON.stringify(message) }));
  }

  /** In the order in which it is asked for, unless the connection breaks before. */
  #later(subscription: Subscription, act: () => void): void {
    const session = this.#session;
    this.#lastFrameAt = Math.max(this.#lastFrameAt, Date.now() + this.frameMs);
    setTimeout(() => {
      if (session === this.#session && this.#subscriptions.has(subscription)) act();
    }, this.#lastFrameAt - Date.now());
  }

  async #listMessages({ after = 0 }: { readonly after?: number; readonly limit?: number } = {}): Promise<HistoryPage> {
    await new Promise((resolve) => setTimeout(resolve, REST_MS / 2));
    const place = this.placeOf(after);
    const isKnown = place <= this.storedCount;
    const items = this.log.slice(place, this.storedCount).filter(({ kind }) => kind === undefined);
    await new Promise((resolve) => setTimeout(resolve, REST_MS / 2));
    if (!isKnown) throw new ChatClientError({ code: 'INVALID_REQUEST', message: 'not of this room', retryable: false });
    return { items: items.slice(0, PAGE_SIZE), hasMore: items.length > PAGE_SIZE };
  }
}

const settle = (ms = 200) => vi.advanceTimersByTimeAsync(ms);

/** Live, with `count` messages delivered. */
async function opened(count: number, options: Partial<OpenRoomOptions> = { since: 0 }) {
  const world = new World();
  const room = world.open(options);
  world.connect();
  await settle();
  for (let at = 0; at < count; at += 1) world.append();
  await settle();
  const places = () => world.delivered.map((id) => world.placeOf(id));
  const told = () => world.told.map(({ gap }) => gap.missing);
  return { world, room, places, told };
}

describe('an open room', () => {
  it('is not live before the rows have what the gateway could not bring', async () => {
    const { world, room, places, told } = await opened(5);
    world.persist(false);
    world.cut();
    world.append();
    world.connect();
    await settle(300);
    expect([room.state.get().name, places()]).toEqual(['recovering', [1, 2, 3, 4, 5]]);
    world.persist(true);
    await settle(2_000);
    expect([room.state.get().name, places()]).toEqual(['live', [1, 2, 3, 4, 5, 6]]);
    expect(told()).toEqual([]); // the gateway brought all of it
  });

  it('reads on up to what came live while the last page was read', async () => {
    const { world, places, told } = await opened(5);
    world.persist(false);
    world.cut();
    world.append();
    world.connect();
    await settle(FRAME_MS + 1); // the rows are asked
    world.append();
    await settle(1_000);
    expect(places()).toEqual([1, 2, 3, 4, 5]);
    world.persist(true);
    await settle(1_000);
    expect(places()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(told()).toEqual(['changes']);
  });

  it('says that messages may be missing where the rows stay behind, and has them once the next one comes', async () => {
    const { world, room, places, told } = await opened(5);
    world.persist(false);
    world.cut();
    world.append();
    world.connect();
    await settle(DEFAULT_LIMITS.gapDeadlineMs + 10_000);
    expect([room.state.get().name, told()]).toEqual(['live', ['messages']]);
    expect(world.subscribeCount).toBeLessThan(20);
    world.persist(true);
    world.append();
    await settle(1_000);
    expect(places()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('keeps the order of the room around changes that wait', async () => {
    const { world, places, told } = await opened(5);
    world.skip(); // 6
    for (const kind of ['EDIT', 'EDIT', undefined] as const) world.append(kind);
    await settle(1_000);
    expect(places()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(told()).toEqual(['changes']);
  });

  it('keeps it as well where the rows have what lies behind them, and it has not come yet', async () => {
    const { world, places } = await opened(5);
    world.skip(); // 6
    world.append('EDIT');
    world.frameMs = SLOW_FRAME_MS;
    for (const kind of ['EDIT', undefined, undefined] as const) world.append(kind);
    await settle(2_000);
    expect(places()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('passes over a change of what the history brought already', async () => {
    const { world, places, told } = await opened(5);
    world.cut();
    for (let at = 0; at < REPLAY_MAX_MESSAGES + 1; at += 1) world.append(); // 6 to 12
    world.connect();
    await settle(FRAME_MS + 1); // the rows are asked
    world.frameMs = 4 * REST_MS - 10; // while the page behind it is read
    for (const kind of ['EDIT', undefined, undefined, undefined] as const) world.append(kind); // 13 to 16
    await settle(2_000);
    expect(places()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16]);
    expect(told()).toEqual(['changes']);
  });

  it('that is closed by its own callback stays closed', async () => {
    const world = new World();
    const room: OpenRoom = world.open({ since: 0, onMessage: () => room.close() });
    world.connect();
    await settle();
    world.append();
    world.append();
    await settle();
    expect([room.state.get().name, world.delivered.length]).toEqual(['closed', 1]);
  });
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('edit' as const), count: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), count: fc.constant(0) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('connect' as const), count: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('skip' as const), count: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop persister' as const), count: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('start persister' as const), count: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gateway recovers nothing' as const), count: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gateway recovers' as const), count: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('append slowly' as const), count: fc.constant(1) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), count: fc.integer({ min: 1, max: 700 }) }) },
);
const before = fc.record({ knowsPrev: fc.boolean(), canRecover: fc.boolean(), logLength: fc.nat({ max: 2 }) });
const starts = fc.constantFrom<Partial<OpenRoomOptions>>({ since: 0 }, {}, { history: 2 });

describe('over any cuts, changes among the messages, and rows that stay behind while the history is read', () => {
  it('each message is delivered once, in the order of the log, or told of as missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        before,
        starts,
        async (steps, { logLength, ...gateway }, start) => {
          const world = Object.assign(new World(), gateway);
          for (let at = 0; at < logLength; at += 1) world.append();
          const room = world.open(start);
          /** Messages that were there before it was live first are not promised. */
          let promisedFrom = start.since === 0 ? 0 : Infinity;
          const note = () => {
            if (room.state.get().name === 'live') promisedFrom = Math.min(promisedFrom, world.log.length);
          };
          const stop = room.state.subscribe(note);
          for (const { do: what, count } of steps) {
            if (what === 'append') for (let at = 0; at < count; at += 1) world.append();
            if (what === 'edit') for (let at = 0; at < count; at += 1) world.append('EDIT');
            if (what === 'cut') world.cut();
            if (what === 'connect') world.connect();
            // `prev` tells of it once there is a place to hold it against
            if (what === 'skip' && world.knowsPrev && room.lastMessageId !== null) world.skip();
            if (what === 'stop persister') world.persist(false);
            if (what === 'start persister') world.persist(true);
            if (what === 'gateway recovers nothing') world.canRecover = false;
            if (what === 'gateway recovers') world.canRecover = true;
            if (what === 'append slowly') {
              world.frameMs = SLOW_FRAME_MS;
              world.append();
              world.frameMs = FRAME_MS;
            }
            if (what === 'wait') await settle(count);
          }
          world.persist(true);
          world.canRecover = true;
          world.connect();
          await settle(90_000);
          world.append();
          await settle(20_000);
          stop();
          room.close();

          const places = world.delivered.map((id) => world.placeOf(id));
          expect(places).toEqual([...new Set(places)].sort((one, other) => one - other));
          const gaps = world.told.map(({ gap, deliveredCount, logLength }) => ({
            from: gap.after === null ? 0 : world.placeOf(gap.after),
            to: Math.min(places[deliveredCount] ?? Infinity, logLength + 1),
            missing: gap.missing,
          }));
          const had = new Set(places);
          const silent = world.log.flatMap(({ kind }, at) => {
            const place = at + 1;
            const isTold = gaps.some(
              ({ from, to, missing }) => from < place && place < to && (kind === 'EDIT' || missing === 'messages'),
            );
            return had.has(place) || isTold || place <= promisedFrom ? [] : [place];
          });
          expect(silent).toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
