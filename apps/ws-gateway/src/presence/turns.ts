/** Whose turn it is: every item has it once in so many turns, for the first time so many turns after it was added. */
export class Turns<Item> {
  readonly #slots: readonly Set<Item>[];
  readonly #slotOf = new Map<Item, Set<Item>>();
  #turn = 0;

  constructor(turnCount: number) {
    this.#slots = Array.from({ length: turnCount }, () => new Set<Item>());
  }

  /** One that is there keeps its turn. */
  add(item: Item): void {
    const slot = this.#slots[this.#turn];
    if (slot === undefined || this.#slotOf.has(item)) return;
    this.#slotOf.set(item, slot.add(item));
  }

  delete(item: Item): void {
    this.#slotOf.get(item)?.delete(item);
    this.#slotOf.delete(item);
  }

  /** Those whose turn it is now. */
  next(): Iterable<Item> {
    this.#turn = (this.#turn + 1) % this.#slots.length;
    return this.#slots[this.#turn] ?? [];
  }
}
