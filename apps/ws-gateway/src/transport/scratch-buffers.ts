/** Sizes that are kept, in bytes: a shorter lot takes the smallest, a longer one is not kept. */
const [SMALLEST, LARGEST] = [1_024, 131_072];

/**
 * Memory for bytes that are gone once they are written, shared by all connections: one buffer a power of two, so that who
 * keeps one, because the system has not taken its bytes yet, holds at most twice as much as it has to say.
 */
export class ScratchBuffers {
  readonly #free = new Map<number, Buffer>();

  /** At least so many bytes, which need not be zero. */
  take(byteLength: number): Buffer {
    const size = sizeFor(byteLength);
    const kept = this.#free.get(size);
    if (kept === undefined) return Buffer.allocUnsafeSlow(size);
    this.#free.delete(size);
    return kept;
  }

  /** Nobody reads the buffer any more. */
  giveBack(buffer: Buffer): void {
    if (buffer.length <= LARGEST) this.#free.set(buffer.length, buffer);
  }
}

function sizeFor(byteLength: number): number {
  return byteLength <= SMALLEST ? SMALLEST : 2 ** Math.ceil(Math.log2(byteLength));
}
