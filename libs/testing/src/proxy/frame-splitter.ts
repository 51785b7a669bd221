/** What the first bytes of a frame say. */
export interface FrameHead<Frame> {
  readonly frame: Frame;
  /** Of the whole frame. */
  readonly byteCount: number;
}

/** Reads the head of the frame that begins with these bytes; null where there are too few of them yet. */
export type ReadHead<Frame> = (bytes: Buffer) => FrameHead<Frame> | null;

/** Bytes that belong together: the beginning of a frame, or the sequel of the one before. */
export interface Piece<Frame> {
  readonly bytes: Buffer;
  /** The frame that begins here; null in a sequel. */
  readonly head: FrameHead<Frame> | null;
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Finds where frames begin in one direction of a connection, however its bytes are cut. Only an incomplete head is kept
 * back; nothing else waits and nothing is copied.
 */
export class FrameSplitter<Frame> {
  readonly #readHead: ReadHead<Frame>;
  #kept = NOTHING;
  /** Bytes of the present frame that are still to come. */
  #left = 0;

  constructor(readHead: ReadHead<Frame>) {
    this.#readHead = readHead;
  }

  split(chunk: Buffer): readonly Piece<Frame>[] {
    const bytes = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    this.#kept = NOTHING;
    const pieces: Piece<Frame>[] = [];
    for (let at = 0; at < bytes.length;) {
      const head = this.#left > 0 ? null : this.#readHead(bytes.subarray(at));
      if (this.#left === 0 && head === null) {
        this.#kept = bytes.subarray(at);
        break;
      }
      const byteCount = Math.min(head?.byteCount ?? this.#left, bytes.length - at);
      this.#left = (head?.byteCount ?? this.#left) - byteCount;
      pieces.push({ bytes: bytes.subarray(at, at + byteCount), head });
      at += byteCount;
    }
    return pieces;
  }
}
