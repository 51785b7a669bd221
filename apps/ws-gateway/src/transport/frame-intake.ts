import { FrameParser, type FrameLimits, type ParserEvent, type StompVersion } from '@chat/stomp';

/** A frame or a heart-beat, and the instant at which the last of its bytes came. */
export interface Arrival {
  readonly event: ParserEvent;
  readonly receivedAt: number;
}

/** Bytes up to `endOffset` of the conversation had come at `at`. */
interface Chunk {
  endOffset: number;
  readonly at: number;
}

/**
 * The bytes of one conversation in, its frames out one by one, each with when it came: however long it waits here for
 * the frames before it, what it asks for is due from then.
 */
export class FrameIntake {
  readonly #parser: FrameParser;
  #receivedBytes = 0;
  /** Chunks that hold the end of an event not taken yet, in their order. */
  #chunks: Chunk[] = [];

  constructor(limits: FrameLimits) {
    this.#parser = new FrameParser(limits);
  }

  push(bytes: Uint8Array, at: number): void {
    this.#receivedBytes += bytes.length;
    const last = this.#chunks.at(-1);
    if (last?.at === at) last.endOffset = this.#receivedBytes;
    else this.#chunks.push({ endOffset: this.#receivedBytes, at });
    this.#parser.push(bytes);
  }

  /** The rules that hold from the next frame on. */
  setVersion(version: StompVersion): void {
    this.#parser.setVersion(version);
  }

  /** Null until more bytes come. Throws a StompProtocolError. */
  next(): Arrival | null {
    const event = this.#parser.next();
    if (event === null) {
      this.#chunks = []; // whatever ends later ends in a later chunk
      return null;
    }
    return { event, receivedAt: this.#arrivalOf(this.#receivedBytes - this.#parser.bufferedBytes) };
  }

  #arrivalOf(endOffset: number): number {
    const index = this.#chunks.findIndex((chunk) => chunk.endOffset >= endOffset);
    if (index > 0) this.#chunks.splice(0, index);
    return this.#chunks[0]?.at ?? 0;
  }
}
