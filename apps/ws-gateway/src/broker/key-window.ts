import type { Hash64 } from './half-sip-hash.ts';

/** What stands under a key: numbers, so that a record in the window is no object. */
export interface KeyedMessage {
  readonly messageId: number;
  /** NaN for none. */
  readonly digest: number;
  readonly isCertain: boolean;
}

/** Bits of the flags of a place. */
const [CERTAIN, RENEWED] = [1, 2];
/** Settings of keys that there is room for at first; a power of two, as ever after. */
const FIRST_CAPACITY = 1_024;
const EMPTY = 0;

/**
 * The first messages under the keys that were set within the last `windowOffsets` offsets of a partition. Offsets must not
 * fall from one setting to the next.
 *
 * Every setting, the first of a key as well as a renewal, is a place in a ring of columns, oldest first. A table with open
 * addressing, at most half full, knows the newest place of each key. A place that the table does not know was renewed since,
 * and goes without a trace when its offset falls out of the window. At most 49 bytes a setting that there is room for.
 */
export class KeyWindow {
  readonly #windowOffsets: number;
  #ring = new Ring(FIRST_CAPACITY);
  #oldest = 0;
  #count = 0;
  /** Two words a slot: the low word of a key, by which its slot is chosen, and `place + 1`. */
  #table = new Int32Array(4 * FIRST_CAPACITY);
  #size = 0;

  constructor(windowOffsets: number) {
    this.#windowOffsets = windowOffsets;
  }

  /** Keys that are known. */
  get size(): number {
    return this.#size;
  }

  get(key: Hash64): KeyedMessage | undefined {
    const known = this.#table[this.#slotOf(key.low, key.high) + 1] ?? EMPTY;
    return known === EMPTY ? undefined : this.#ring.messageAt(known - 1);
  }

  /** At which offset the message under a key was added; undefined where that is not known, or no more since a renewal. */
  offsetOf(key: Hash64): number | undefined {
    const known = this.#table[this.#slotOf(key.low, key.high) + 1] ?? EMPTY;
    return known === EMPTY || this.#ring.isRenewalAt(known - 1) ? undefined : this.#ring.offsetAt(known - 1);
  }

  /** A key that is not known becomes that of this message. */
  add(key: Hash64, message: KeyedMessage, offset: number): void {
    this.#append(key, message, offset);
    this.#size += 1;
  }

  /** A key that is known is kept as if it had been added now. */
  renew(key: Hash64, offset: number): void {
    const message = this.get(key);
    if (message === undefined) throw new RangeError('a key that is not known cannot be renewed');
    const place = this.#append(key, message, offset);
    this.#ring.noteRenewal(place);
  }

  /** The log has come to `offset`. */
  advance(offset: number): void {
    const limit = offset - this.#windowOffsets;
    while (this.#count > 0 && this.#ring.offsetAt(this.#oldest) < limit) {
      this.#forget(this.#oldest);
      this.#oldest = (this.#oldest + 1) & (this.#ring.capacity - 1);
      this.#count -= 1;
    }
  }

  /** Returns the place. */
  #append({ low, high }: Hash64, message: KeyedMessage, offset: number): number {
    if (this.#count === this.#ring.capacity) this.#grow();
    const place = (this.#oldest + this.#count) & (this.#ring.capacity - 1);
    this.#count += 1;
    this.#ring.set(place, low, high, message, offset);
    this.#point(low, high, place);
    return place;
  }

  /** Index in the table of the slot of a key, or of the empty one where it would be. */
  #slotOf(low: number, high: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    let slot = (low << 1) & mask;
    for (let known = table[slot + 1] ?? EMPTY; known !== EMPTY; known = table[slot + 1] ?? EMPTY) {
      if (table[slot] === low && this.#ring.highAt(known - 1) === high) break;
      slot = (slot + 2) & mask;
    }
    return slot;
  }

  #point(low: number, high: number, place: number): void {
    const slot = this.#slotOf(low, high);
    this.#table[slot] = low;
    this.#table[slot + 1] = place + 1;
  }

  #forget(place: number): void {
    const slot = this.#slotOf(this.#ring.lowAt(place), this.#ring.highAt(place));
    if (this.#table[slot + 1] !== place + 1) return; // renewed since
    this.#vacate(slot);
    this.#size -= 1;
  }

  /** Empties a slot; keys behind it move up where the hole would hide them. */
  #vacate(slot: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = slot;
    for (let at = (slot + 2) & mask; table[at + 1] !== EMPTY; at = (at + 2) & mask) {
      const low = table[at] ?? 0;
      const fromHome = (at - (low << 1)) & mask;
      if (fromHome < ((at - hole) & mask)) continue;
      table[hole] = low;
      table[hole + 1] = table[at + 1] ?? EMPTY;
      hole = at;
    }
    table[hole + 1] = EMPTY;
  }

  #grow(): void {
    const ring = this.#ring.grown(this.#oldest);
    this.#ring = ring;
    this.#oldest = 0;
    this.#table = new Int32Array(4 * ring.capacity);
    for (let place = 0; place < this.#count; place += 1) this.#point(ring.lowAt(place), ring.highAt(place), place); // the newest of a key last
  }
}

/** Columns of equal length. */
class Ring {
  readonly capacity: number;
  readonly #lows: Int32Array;
  readonly #highs: Int32Array;
  readonly #offsets: Float64Array;
  readonly #messageIds: Float64Array;
  readonly #digests: Float64Array;
  readonly #flags: Uint8Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#lows = new Int32Array(capacity);
    this.#highs = new Int32Array(capacity);
    this.#offsets = new Float64Array(capacity);
    this.#messageIds = new Float64Array(capacity);
    this.#digests = new Float64Array(capacity);
    this.#flags = new Uint8Array(capacity);
  }

  lowAt(place: number): number {
    return this.#lows[place] ?? 0;
  }

  highAt(place: number): number {
    return this.#highs[place] ?? 0;
  }

  offsetAt(place: number): number {
    return this.#offsets[place] ?? 0;
  }

  messageAt(place: number): KeyedMessage {
    return {
      messageId: this.#messageIds[place] ?? 0,
      digest: this.#digests[place] ?? NaN,
      isCertain: ((this.#flags[place] ?? 0) & CERTAIN) !== 0,
    };
  }

  /** Whether the key at a place was there before. */
  isRenewalAt(place: number): boolean {
    return ((this.#flags[place] ?? 0) & RENEWED) !== 0;
  }

  noteRenewal(place: number): void {
    this.#flags[place] = (this.#flags[place] ?? 0) | RENEWED;
  }

  set(place: number, low: number, high: number, { messageId, digest, isCertain }: KeyedMessage, offset: number): void {
    this.#lows[place] = low;
    this.#highs[place] = high;
    this.#offsets[place] = offset;
    this.#messageIds[place] = messageId;
    this.#digests[place] = digest;
    this.#flags[place] = isCertain ? CERTAIN : 0;
  }

  /** Twice as long, with the place `oldest` first. */
  grown(oldest: number): Ring {
    const grown = new Ring(2 * this.capacity);
    const copy = <Column extends Int32Array | Float64Array | Uint8Array>(from: Column, to: Column) => {
      to.set(from.subarray(oldest));
      to.set(from.subarray(0, oldest), this.capacity - oldest);
    };
    copy(this.#lows, grown.#lows);
    copy(this.#highs, grown.#highs);
    copy(this.#offsets, grown.#offsets);
    copy(this.#messageIds, grown.#messageIds);
    copy(this.#digests, grown.#digests);
    copy(this.#flags, grown.#flags);
    return grown;
  }
}
