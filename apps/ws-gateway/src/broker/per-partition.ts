/** One of something for each partition, made when it is first needed. */
export class PerPartition<Value> {
  readonly #make: () => Value;
  readonly #made = new Map<number, Value>();

  constructor(make: () => Value) {
    this.#make = make;
  }

  of(partition: number): Value {
    const known = this.#made.get(partition);
    if (known !== undefined) return known;
    const made = this.#make();
    this.#made.set(partition, made);
    return made;
  }
}
