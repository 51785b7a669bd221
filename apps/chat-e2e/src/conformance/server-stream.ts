const NUL = 0;
const LF = 10;

/**
 * Frames and heart-beats out of the bytes of our server, taken apart without the codec that made them. It relies on what
 * the server does by itself: every end of line is one LF, and no body has a NUL.
 */
export class ServerStream {
  #bytes: Buffer = Buffer.alloc(0);

  /** What is complete with these bytes: a frame's text with its NUL, or a LF. */
  push(bytes: Buffer): readonly string[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const events: string[] = [];
    for (let end = this.#endOfNext(); end > 0; end = this.#endOfNext()) {
      events.push(this.#bytes.toString('utf8', 0, end));
      this.#bytes = this.#bytes.subarray(end);
    }
    return events;
  }

  /** Offset behind the next frame or LF; 0 where it is not complete. */
  #endOfNext(): number {
    return this.#bytes[0] === LF ? 1 : this.#bytes.indexOf(NUL) + 1;
  }
}

export const HEART_BEAT = '\n';
