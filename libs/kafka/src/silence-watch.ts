/** What a socket has carried so far, in bytes. */
export interface Carried {
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/**
 * Finds a connection that was asked something and has answered nothing for too long. Pure: fed with what it has carried at
 * each look, and with the time, in ms. What is asked at the same look as an answer comes counts with the next question only.
 */
export class SilenceWatch {
  readonly #maxSilenceMs: number;
  #last: Carried = { bytesRead: 0, bytesWritten: 0 };
  #askedAt: number | null = null;

  constructor(maxSilenceMs: number) {
    this.#maxSilenceMs = maxSilenceMs;
  }

  isSilent({ bytesRead, bytesWritten }: Carried, now: number): boolean {
    const hasAnswered = bytesRead > this.#last.bytesRead;
    const wasAsked = bytesWritten > this.#last.bytesWritten;
    this.#last = { bytesRead, bytesWritten };
    if (hasAnswered) this.#askedAt = null;
    else if (wasAsked) this.#askedAt ??= now;
    return this.#askedAt !== null && now - this.#askedAt >= this.#maxSilenceMs;
  }
}
