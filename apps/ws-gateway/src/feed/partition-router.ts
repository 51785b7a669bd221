import type { RoomId } from '@chat/dto';
import type { Attachment, InterestChange, Routed, Stretch } from './stretch.ts';

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

interface Holder {
  readonly id: string;
  version: number;
  rooms: Set<RoomId>;
  /** Everything below was handed over, whether or not there was a record in it. */
  sentUpTo: number;
}

/**
 * Who gets which record of one partition. What it knows of the log is the log's own, so any number of routers may exist, in
 * the middle of a change-over or because one was frozen: what they send differs in how far it goes and in nothing else. The
 * interests are those that instances have told this router; it knows none from before, and forgets whom it could not reach.
 */
export class PartitionRouter<Item extends Routed> {
  readonly #options: PartitionRouterOptions;
  readonly #holders = new Map<string, Holder>();
  readonly #holdersOf = new Map<RoomId, Set<Holder>>();
  /** The last records, in the order of the log. */
  #kept: Item[] = [];
  #keptBytes = 0;
  /** How many at the front of `#kept` are given up. */
  #givenUp = 0;
  #keptFrom: number;
  #end: number;

  constructor(options: PartitionRouterOptions) {
    this.#options = options;
    this.#keptFrom = options.from;
    this.#end = options.from;
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

  /** The next records of the log, those that count, of the offsets up to below `to`. */
  append(records: readonly Item[], to: number): readonly Parcel<Item>[] {
    const picked = new Map<Holder, Item[]>();
    for (const record of records) {
      this.#keep(record);
      for (const holder of this.#holdersOf.get(record.roomId) ?? []) {
        const items = picked.get(holder);
        if (items === undefined) picked.set(holder, [record]);
        else items.push(record);
      }
    }
    this.#end = to;
    return Array.from(picked, ([holder, items]) => this.#send(holder, items));
  }

  /** To everybody, whether or not there was anything for them: how far the log has come, and that they are known here. */
  progress(): readonly Parcel<Item>[] {
    return Array.from(this.#holders.values(), (holder) => this.#send(holder, []));
  }

  /** An instance is here from now on. What it lacks is sent at once; `isCut` where some of that is no longer kept. */
  attach(holder: string, { version, next, rooms }: Attachment): readonly Parcel<Item>[] {
    const known = this.#holders.get(holder);
    if (known !== undefined && known.version >= version) return [];
    this.detach(holder);
    const from = Math.max(next, this.#keptFrom);
    const attached: Holder = { id: holder, version, rooms: new Set(rooms), sentUpTo: Math.min(from, this.#end) };
    this.#holders.set(holder, attached);
    for (const roomId of attached.rooms) this.#holdersOfRoom(roomId).add(attached);
    const isOurs = ({ roomId, offset }: Item) => offset >= next && attached.rooms.has(roomId);
    return [this.#send(attached, this.#kept.slice(this.#givenUp).filter(isOurs), next < this.#keptFrom)];
  }

  /** Nothing where it does not follow what is known: then the instance hears nothing of it, and attaches anew. */
  change(holder: string, { version, added, removed }: InterestChange): readonly Parcel<Item>[] {
    const known = this.#holders.get(holder);
    if (known?.version !== version - 1) return [];
    const before = known.sentUpTo < this.#end ? [this.#send(known, [])] : [];
    known.version = version;
    for (const roomId of removed) this.#remove(known, roomId);
    for (const roomId of added) {
      known.rooms.add(roomId);
      this.#holdersOfRoom(roomId).add(known);
    }
    return [...before, this.#send(known, [])];
  }

  /** The instance is gone, or a stretch may not have reached it: it hears no more until it attaches anew. */
  detach(holder: string): void {
    const known = this.#holders.get(holder);
    if (known === undefined) return;
    for (const roomId of known.rooms) this.#remove(known, roomId);
    this.#holders.delete(holder);
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

  #send(holder: Holder, records: readonly Item[], isCut = false): Parcel<Item> {
    const { id, version, sentUpTo: from } = holder;
    holder.sentUpTo = this.#end;
    return { holder: id, stretch: { from, to: this.#end, version, records, isCut } };
  }

  #keep(record: Item): void {
    const { maxRecords, maxBytes } = this.#options;
    this.#kept.push(record);
    this.#keptBytes += record.bytes;
    while (this.#kept.length - this.#givenUp > maxRecords || this.#keptBytes > maxBytes) this.#giveUpEldest();
    if (this.#givenUp < 1_024 || this.#givenUp < this.#kept.length / 2) return;
    this.#kept = this.#kept.slice(this.#givenUp);
    this.#givenUp = 0;
  }

  #giveUpEldest(): void {
    const eldest = this.#kept[this.#givenUp];
    if (eldest === undefined) return;
    this.#givenUp += 1;
    this.#keptBytes -= eldest.bytes;
    this.#keptFrom = eldest.offset + 1;
  }
}
