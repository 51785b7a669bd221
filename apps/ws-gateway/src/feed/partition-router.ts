import type { RoomId } from '@chat/dto';
import type { Attachment, InterestChange, Routed, Stretch } from './stretch.ts';

/** A record that a router keeps, and sends on. */
export interface Kept extends Routed {
  /** What it takes in memory. */
  readonly bytes: number;
}

/** A stretch, and the instance that it is for. */
export interface Parcel<Item extends Routed> {
  readonly holder: string;
  readonly stretch: Stretch<Item>;
}

export interface PartitionRouterOptions {
  /** Records are had again from here on. */
  readonly from: number;
  /** What is kept for instances that come from another router: so many records at most, and bytes. */
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** Of what is kept, the part that an instance may be behind until it is told how far the log has come. */
const PROGRESS_SHARE = 1 / 8;

interface Holder {
  readonly id: string;
  version: number;
  rooms: Set<RoomId>;
  /** What lies below it has already. */
  readonly next: number;
  /** Everything below was handed over, whether or not there was a record in it. */
  sentUpTo: number;
  /** Records that had passed here by then, and their bytes. */
  passedCount: number;
  passedBytes: number;
  /** Whether it is further than this router was: then it hears something once the router has come there. */
  isAhead: boolean;
  /** Whether something sent to it may not have arrived: it gets no more records until it attaches anew. */
  hasGap: boolean;
}

/**
 * Who gets which record of one partition. What it knows of the log is the log's own, so any number of routers may exist, in
 * the middle of a change-over or because one was frozen: what they send differs in how far it goes and in nothing else. The
 * interests are those that instances have told this router; it knows none from before, and lets who could not be reached see a gap.
 */
export class PartitionRouter<Item extends Kept> {
  #limits: Pick<PartitionRouterOptions, 'maxRecords' | 'maxBytes'>;
  readonly #holders = new Map<string, Holder>();
  readonly #holdersOf = new Map<RoomId, Set<Holder>>();
  readonly #aheadOfThis = new Set<Holder>();
  /** The last records, in the order of the log, behind places of those that are given up. */
  #kept: (Item | undefined)[] = [];
  #keptBytes = 0;
  /** How many at the front of `#kept` are given up. */
  #givenUp = 0;
  #keptFrom: number;
  #end: number;
  #barrier = 0;
  /** Of all records that have passed. */
  #passedCount = 0;
  #passedBytes = 0;

  constructor({ from, ...limits }: PartitionRouterOptions) {
    this.#limits = limits;
    this.#keptFrom = from;
    this.#end = from;
  }

  /** The offset behind the last record that was routed. */
  get end(): number {
    return this.#end;
  }

  /** From here on records can still be had. */
  get keptFrom(): number {
    return this.#keptFrom;
  }

  get holderCount(): number {
    return this.#holders.size;
  }

  /** What is kept from now on; more than that is given up at once. */
  limit(limits: Pick<PartitionRouterOptions, 'maxRecords' | 'maxBytes'>): void {
    this.#limits = limits;
    this.#giveUpExcess();
  }

  /** The next records of the log, those that count, of the offsets up to below `to`; the last record of all lies before `barrier`. */
  append(records: readonly Item[], to: number, barrier: number): readonly Parcel<Item>[] {
    const picked = new Map<Holder, Item[]>();
    for (const record of records) {
      this.#keep(record);
      for (const holder of this.#holdersOf.get(record.roomId) ?? []) {
        if (!isOf(holder, record)) continue;
        const items = picked.get(holder);
        if (items === undefined) picked.set(holder, [record]);
        else items.push(record);
      }
    }
    this.#giveUpExcess();
    this.#end = to;
    this.#barrier = barrier;
    for (const holder of this.#aheadOfThis) if (to >= holder.next) this.#reach(holder, picked);
    return Array.from(picked).flatMap(([holder, items]) => this.#sendTo(holder, items));
  }

  /** To who lacks much, so that the next router still has all that it may want, and to who could not be reached. */
  progress(): readonly Parcel<Item>[] {
    return Array.from(this.#holders.values())
      .filter((holder) => !holder.isAhead && (holder.hasGap || this.#lacksMuch(holder)))
      .map((holder) => this.#send(holder, []));
  }

  /**
   * An instance is here from now on. What it lacks is sent at once, or when the router has come as far as it has; `isCut`
   * where some of that is no longer kept.
   */
  attach(holder: string, { version, next, rooms }: Attachment): readonly Parcel<Item>[] {
    const known = this.#holders.get(holder);
    if (known !== undefined && known.version >= version) return [];
    this.detach(holder);
    const attached: Holder = {
      ...{ id: holder, version, rooms: new Set(rooms), next, sentUpTo: Math.max(next, this.#keptFrom) },
      ...{ passedCount: this.#passedCount, passedBytes: this.#passedBytes, isAhead: next > this.#end, hasGap: false },
    };
    this.#holders.set(holder, attached);
    for (const roomId of attached.rooms) this.#holdersOfRoom(roomId).add(attached);
    if (attached.isAhead) return this.#wait(attached);
    const lacking = this.#kept.filter((record): record is Item => record !== undefined && isOf(attached, record));
    return [this.#send(attached, lacking, next < this.#keptFrom)];
  }

  /** Nothing where it does not follow what is known: then the instance hears nothing of it, and attaches anew. */
  change(holder: string, { version, added, removed }: InterestChange): readonly Parcel<Item>[] {
    const known = this.#holders.get(holder);
    if (known?.version !== version - 1) return [];
    const before = known.sentUpTo < this.#end && added.length > 0 ? [this.#send(known, [])] : [];
    known.version = version;
    for (const roomId of removed) this.#remove(known, roomId);
    for (const roomId of added) {
      known.rooms.add(roomId);
      this.#holdersOfRoom(roomId).add(known);
    }
    return known.isAhead ? [] : [...before, this.#send(known, [])];
  }

  /** Something sent to the instance may not have arrived: it is told no more than how far the log is, and sees a gap. */
  miss(holder: string): void {
    const known = this.#holders.get(holder);
    if (known !== undefined) known.hasGap = true;
  }

  /** The instance is gone. */
  detach(holder: string): void {
    const known = this.#holders.get(holder);
    if (known === undefined) return;
    for (const roomId of known.rooms) this.#remove(known, roomId);
    this.#holders.delete(holder);
    this.#aheadOfThis.delete(known);
  }

  #remove(holder: Holder, roomId: RoomId): void {
    holder.rooms.delete(roomId);
    const holders = this.#holdersOf.get(roomId);
    if (holders?.delete(holder) === true && holders.size === 0) this.#holdersOf.delete(roomId);
  }

  #holdersOfRoom(roomId: RoomId): Set<Holder> {
    const known = this.#holdersOf.get(roomId);
    if (known !== undefined) return known;
    const made = new Set<Holder>();
    this.#holdersOf.set(roomId, made);
    return made;
  }

  #wait(holder: Holder): readonly Parcel<Item>[] {
    this.#aheadOfThis.add(holder);
    return [];
  }

  /** The router has come to where the instance is: it hears so, with what there is for it or with nothing. */
  #reach(holder: Holder, picked: Map<Holder, Item[]>): void {
    this.#aheadOfThis.delete(holder);
    holder.isAhead = false;
    if (!picked.has(holder)) picked.set(holder, []);
  }

  /** Nothing more to who may lack something: what begins behind it shows the gap. */
  #sendTo(holder: Holder, records: readonly Item[]): readonly Parcel<Item>[] {
    if (!holder.hasGap) return [this.#send(holder, records)];
    holder.sentUpTo = this.#end;
    return [];
  }

  #lacksMuch({ passedCount, passedBytes }: Holder): boolean {
    const { maxRecords, maxBytes } = this.#limits;
    const [count, bytes] = [this.#passedCount - passedCount, this.#passedBytes - passedBytes];
    return count > maxRecords * PROGRESS_SHARE || bytes > maxBytes * PROGRESS_SHARE;
  }

  #send(holder: Holder, records: readonly Item[], isCut = false): Parcel<Item> {
    const { id, version, sentUpTo: from } = holder;
    holder.sentUpTo = this.#end;
    holder.passedCount = this.#passedCount;
    holder.passedBytes = this.#passedBytes;
    return { holder: id, stretch: { from, to: this.#end, version, records, barrier: this.#barrier, isCut } };
  }

  #keep(record: Item): void {
    this.#kept.push(record);
    this.#keptBytes += record.bytes;
    this.#passedCount += 1;
    this.#passedBytes += record.bytes;
  }

  #giveUpExcess(): void {
    const { maxRecords, maxBytes } = this.#limits;
    while (this.#kept.length - this.#givenUp > maxRecords || this.#keptBytes > maxBytes) this.#giveUpEldest();
    if (this.#givenUp < 1_024 || this.#givenUp < this.#kept.length / 2) return;
    this.#kept = this.#kept.slice(this.#givenUp);
    this.#givenUp = 0;
  }

  #giveUpEldest(): void {
    const eldest = this.#kept[this.#givenUp];
    if (eldest === undefined) return;
    this.#kept[this.#givenUp] = undefined;
    this.#givenUp += 1;
    this.#keptBytes -= eldest.bytes;
    this.#keptFrom = eldest.offset + 1;
  }
}

/** Whether it is of a room that the instance holds, and not below where it wants them from. */
function isOf({ next, rooms }: Holder, { roomId, offset }: Routed): boolean {
  return offset >= next && rooms.has(roomId);
}
