import { asRoomId, type RoomId } from '@chat/dto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeedStream } from './feed-stream.ts';
import { PartitionRouter, type Kept, type Parcel } from './partition-router.ts';
import { RecordJudge } from './record-judge.ts';
import type { FeedRecord } from './room-feed.ts';
import type { Attachment, InterestChange, JudgedRecord, Stretch, Verdict } from './stretch.ts';

const ROOMS = [1, 2, 3].map(asRoomId);
/** All rooms lie on the one partition. */
const JUDGED = { partition: 0, partitionCount: 1, repeatWindow: 12 };
/** Of a router that begins where the log has grown: so many offsets are kept beside those that only the verdict needs. */
const KEPT = { maxRecords: 16, maxBytes: Infinity };

type Item = JudgedRecord & Kept;
type Told = { readonly attachment: Attachment } | { readonly change: InterestChange };

/** The log: every fourth offset is a marker, every eighth record counts for nothing, and some repeat an earlier one. */
class Log {
  readonly records = new Map<number, FeedRecord>();
  end = 0;

  /** The offset behind the last record. */
  get barrier(): number {
    return Math.max(-1, ...this.records.keys()) + 1;
  }

  append(room: RoomId, key: number): void {
    const offset = this.end;
    this.end += 1;
    if (offset % 4 === 3) return;
    const message = {
      ...{ id: 1_000 + offset, senderId: 1, roomId: room, content: `at ${offset}` },
      ...{ type: 'GROUP', timestamp: '2025-04-29T15:23:00Z' },
    };
    const value = Buffer.from(offset % 8 === 6 ? '{}' : JSON.stringify(message));
    const headers = { ce_id: String(message.id), 'sender-id': '1', 'client-message-id': `key ${key}` };
    this.records.set(offset, { key: Buffer.from(String(room)), value, headers, offset, timestamp: 0 });
  }

  /** From `from` on, so many offsets. */
  read(from: number, count: number): { readonly records: readonly FeedRecord[]; readonly to: number } {
    const to = Math.min(this.end, from + count);
    const offsets = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
    return { records: offsets.flatMap((offset) => this.records.get(offset) ?? []), to: Math.max(from, to) };
  }
}

/** One that owns the partition, or believes so. It begins as a real one does: as far back as verdicts and what it keeps need. */
class Router {
  readonly router: PartitionRouter<Item>;
  readonly #judge: RecordJudge;
  readonly #log: Log;
  #position: number;
  #barrier = 0;

  constructor(log: Log) {
    const from = Math.max(0, log.end - JUDGED.repeatWindow - KEPT.maxRecords);
    this.#log = log;
    this.#position = from;
    this.#judge = new RecordJudge({ ...JUDGED, from, isLogStart: from === 0 });
    this.router = new PartitionRouter({ ...KEPT, from: this.#judge.isSureFrom });
    this.read(this.#judge.isSureFrom - from);
  }

  read(count: number): readonly Parcel<Item>[] {
    const { records, to } = this.#log.read(this.#position, count);
    this.#position = to;
    this.#barrier = (records.at(-1)?.offset ?? this.#barrier - 1) + 1;
    const judged = records.flatMap((record) => {
      const item = this.#judge.judge(record);
      return item === null || item.offset < this.#judge.isSureFrom ? [] : [{ ...item, bytes: 1 }];
    });
    return to < this.#judge.isSureFrom ? [] : this.router.append(judged, to, this.#barrier);
  }
}

/** What an instance saw of a room while it held it. */
interface Holding {
  readonly roomId: RoomId;
  readonly askedAt: number;
  readonly seen: Item[];
  coveredFrom: number | null;
  /** How far the instance had come when it let the room go; null while it holds it. */
  until: number | null;
}

class Gateway {
  readonly id: string;
  readonly stream: FeedStream<Item>;
  readonly holdings: Holding[] = [];
  isLost = false;
  /** As it was told last. */
  barrier = 0;

  constructor(id: string, next: number) {
    this.id = id;
    this.stream = new FeedStream(next);
  }

  toggle(roomId: RoomId): InterestChange | null {
    const holding = this.#holdingOf(roomId);
    if (holding === undefined) {
      this.holdings.push({ roomId, askedAt: this.stream.next, seen: [], coveredFrom: null, until: null });
      return this.stream.change([roomId], []);
    }
    holding.until = this.stream.next;
    return this.stream.change([], [roomId]);
  }

  take(stretch: Stretch<Item>): 'gap' | 'other' {
    const taken = this.stream.take(stretch);
    if (taken.kind === 'lost') this.isLost = true;
    if (taken.kind !== 'taken') return taken.kind === 'gap' ? 'gap' : 'other';
    this.barrier = stretch.barrier;
    for (const roomId of taken.settled) {
      const holding = this.#holdingOf(roomId);
      if (holding !== undefined) holding.coveredFrom = this.stream.coveredFrom(roomId);
    }
    for (const record of taken.records) this.#holdingOf(record.roomId)?.seen.push(record);
    return 'other';
  }

  #holdingOf(roomId: RoomId): Holding | undefined {
    return this.holdings.find((each) => each.roomId === roomId && each.until === null);
  }
}

/** Instances, routers, and the mail between them: what each does next is the test's to say. */
class Scene {
  readonly log = new Log();
  readonly gateways = ['a', 'b'].map((id) => new Gateway(id, 0));
  /** The last one owns the partition; the one before may not know that yet. */
  routers: Router[] = [];
  /** In the order in which they are read; the topic keeps the order of each sender. */
  readonly #mail = new Map<string, Stretch<Item>[]>(this.gateways.map(({ id }) => [id, []]));
  #told: { readonly router: Router; readonly holder: string; readonly told: Told }[] = [];

  get #owner(): Router | undefined {
    return this.routers.at(-1);
  }

  read(at: number, count: number): void {
    const router = this.routers[at % Math.max(1, this.routers.length)];
    if (router !== undefined) this.#post(router.read(count));
  }

  /** Another one owns the partition; the one before has died, or goes on for a while. */
  changeOver(hasDied: boolean): void {
    this.routers = hasDied ? [] : this.routers.slice(-1);
    this.routers.push(new Router(this.log));
    for (const gateway of this.gateways) this.#attach(gateway);
  }

  toggle(at: number, room: number): void {
    const [gateway, roomId] = [this.gateways[at % this.gateways.length], ROOMS[room % ROOMS.length]];
    if (gateway === undefined || roomId === undefined || gateway.isLost) return;
    const change = gateway.toggle(roomId);
    if (change !== null) this.#tell(gateway, { change });
  }

  /** A router takes the next of what it was told, or twice; or it never comes. */
  hear(how: number): void {
    const next = this.#told.shift();
    if (next === undefined || how === 0) return;
    for (let times = how === 1 ? 2 : 1; times > 0; times -= 1) {
      const { router } = next.router;
      if ('change' in next.told) this.#post(router.change(next.holder, next.told.change));
      else this.#post(router.attach(next.holder, next.told.attachment));
    }
  }

  /** An instance takes the next of its mail, or twice. */
  deliver(at: number, isTwice: boolean): void {
    const gateway = this.gateways[at % this.gateways.length];
    const stretch = gateway && this.#mail.get(gateway.id)?.shift();
    if (gateway === undefined || stretch === undefined || gateway.isLost) return;
    for (let times = isTwice ? 2 : 1; times > 0; times -= 1) if (gateway.take(stretch) === 'gap') this.#attach(gateway);
  }

  /** What a router sends to an instance does not go through: it may be there or not, and the router hears of the failure. */
  fail(at: number): void {
    const gateway = this.gateways[at % this.gateways.length];
    if (gateway === undefined) return;
    this.#mail.get(gateway.id)?.pop();
    for (const { router } of this.routers) router.miss(gateway.id);
  }

  progress(): void {
    for (const { router } of this.routers) this.#post(router.progress());
  }

  /** Instances that have heard nothing for long attach anew, and everything is read in the end. */
  settle(): void {
    if (this.#owner === undefined) this.changeOver(true);
    for (let round = 0; round < 4; round += 1) {
      for (const gateway of this.gateways) this.#attach(gateway);
      while (this.#told.length > 0) this.hear(2);
      for (let at = 0; at < this.routers.length; at += 1) this.read(at, Infinity);
      this.progress();
      for (const at of this.gateways.keys()) for (let left = 200; left > 0; left -= 1) this.deliver(at, false);
    }
  }

  /** What the reader of everything says. */
  verdicts(): ReadonlyMap<number, Verdict> {
    const judge = new RecordJudge({ ...JUDGED, from: 0, isLogStart: true });
    const judged = [...this.log.records.values()].map((record) => [record.offset, judge.judge(record)] as const);
    return new Map(judged.flatMap(([offset, verdict]) => (verdict === null ? [] : [[offset, verdict]])));
  }

  #attach(gateway: Gateway): void {
    if (!gateway.isLost) this.#tell(gateway, { attachment: gateway.stream.attach() });
  }

  #tell({ id }: Gateway, told: Told): void {
    if (this.#owner !== undefined) this.#told.push({ router: this.#owner, holder: id, told });
  }

  #post(parcels: readonly Parcel<Item>[]): void {
    for (const { holder, stretch } of parcels) this.#mail.get(holder)?.push(stretch);
  }
}

const small = fc.nat({ max: 7 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), one: small, other: fc.nat({ max: 30 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('read' as const), one: small, other: small }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('toggle' as const), one: small, other: small }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('hear' as const), one: small, other: small }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('deliver' as const), one: small, other: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change over' as const), one: small, other: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), one: small, other: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('progress' as const), one: small, other: small }) },
);

function perform(scene: Scene, { do: what, one, other }: { do: string; one: number; other: number }): void {
  if (what === 'append') scene.log.append(ROOMS[one % ROOMS.length] ?? asRoomId(1), other);
  else if (what === 'read') scene.read(one, other + 1);
  else if (what === 'toggle') scene.toggle(one, other);
  else if (what === 'hear') scene.hear(one);
  else if (what === 'deliver') scene.deliver(one, other === 0);
  else if (what === 'change over') scene.changeOver(other % 2 === 0);
  else if (what === 'fail') scene.fail(one);
  else scene.progress();
}

describe('the feed of an instance that holds some rooms', () => {
  it('is what a reader of everything says of these rooms, in order and once, whatever happens to routers and mail', () => {
    const counts = { lost: 0, seen: 0, repeats: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 160, size: 'max' }), (steps) => {
        const scene = new Scene();
        scene.changeOver(true);
        for (const each of steps) perform(scene, each);
        scene.settle();
        const verdicts = scene.verdicts();
        const expected = (roomId: RoomId, from: number, to: number) =>
          [...verdicts].filter(([offset, verdict]) => verdict.roomId === roomId && offset >= from && offset < to);
        for (const gateway of scene.gateways) {
          if (gateway.isLost) counts.lost += 1;
          else expect([gateway.stream.next, gateway.barrier]).toEqual([scene.log.end, scene.log.barrier]);
          for (const { roomId, askedAt, seen, coveredFrom, until } of gateway.holdings) {
            const isSettled = until !== null || gateway.isLost || coveredFrom !== null;
            expect(isSettled).toBe(true);
            if (coveredFrom === null) {
              expect(seen).toEqual([]);
              continue;
            }
            expect(coveredFrom).toBeGreaterThanOrEqual(askedAt);
            const wanted = expected(roomId, coveredFrom, until ?? gateway.stream.next);
            expect(seen.map(({ offset }) => offset)).toEqual(wanted.map(([offset]) => offset));
            for (const [at, record] of seen.entries()) {
              const verdict = wanted[at]?.[1];
              counts.seen += 1;
              if (record.first !== null) counts.repeats += 1;
              expect(record.first === null).toBe(verdict?.first === null);
              if (record.first?.isCertain === true) expect(record.first).toEqual(verdict?.first);
              if (record.prev !== null) expect(record.prev).toBe(verdict?.prev);
            }
          }
        }
      }),
      { numRuns: 2_000 },
    );
    // the bound of what a router keeps was met, too
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(20);
  }, 60_000);
});
