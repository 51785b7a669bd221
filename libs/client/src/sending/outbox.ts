import type { OutgoingSend } from '../api.ts';
import { retryMs } from '../connection/backoff.ts';
import { ChatClientError, clientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';

/** A SEND that waits for its answer, with what is needed to send it again. */
export interface QueuedSend extends Omit<OutgoingSend, 'state'> {
  readonly destination: string;
  readonly body: string;
  /** Of the body in UTF-8. */
  readonly byteLength: number;
  readonly isPersisted: boolean;
  /** Whether the caller says that it was sent before, in another life. */
  readonly isResend: boolean;
  /** When it is given up, in ms. */
  readonly dueAt: number;
}

interface Entry {
  readonly send: QueuedSend;
  state: 'queued' | 'sending';
  refusalCount: number;
  /** Not before this, in ms. */
  notBefore: number;
  lastRefusal: ChatClientError | null;
  /** A try of it ended and nobody knows whether it was published. */
  isUncertain: boolean;
}

/** One that is to go out now. */
export interface DueSend {
  readonly send: QueuedSend;
  /** It may have been published before. */
  readonly isResend: boolean;
}

export interface GivenUpSend {
  readonly send: QueuedSend;
  readonly error: ChatClientError;
}

/**
 * What waits to be sent, bounded in count and bytes. Sends of a room go one after another, each after the answer to the one
 * before it, so that neither a refusal nor a reconnect changes their order. Knows no socket and no timer; times are in ms.
 */
export class Outbox {
  readonly #limits: ChatLimits;
  readonly #rooms = new Map<number, Entry[]>();
  #count = 0;
  #byteLength = 0;

  constructor(limits: ChatLimits) {
    this.#limits = limits;
  }

  /** Null where it was taken; else why not. */
  add(send: QueuedSend): ChatClientError | null {
    const { bodyMaxBytes, queueMaxCount, queueMaxBytes } = this.#limits;
    const { byteLength, clientMessageId, isResend } = send;
    const refusal = (code: string, message: string, retryable = false) =>
      new ChatClientError({ code, message, retryable, clientMessageId });
    const full = (message: string) => refusal('QUEUE_FULL', message, true);
    if (byteLength > bodyMaxBytes) return refusal('BODY_TOO_LARGE', `More than ${bodyMaxBytes} bytes (bodyMaxBytes).`);
    if (this.#count >= queueMaxCount) return full(`${queueMaxCount} sends wait already (queueMaxCount).`);
    if (this.#byteLength + byteLength > queueMaxBytes)
      return full(`More than ${queueMaxBytes} bytes would wait (queueMaxBytes).`);
    const entries = this.#rooms.get(send.roomId) ?? [];
    if (entries.some((entry) => entry.send.clientMessageId === clientMessageId))
      return refusal('IDEMPOTENCY_CONFLICT', `A send under ${clientMessageId} waits already.`);
    const entry: Entry = {
      send,
      state: 'queued',
      refusalCount: 0,
      notBefore: 0,
      lastRefusal: null,
      isUncertain: isResend,
    };
    this.#rooms.set(send.roomId, [...entries, entry]);
    this.#count += 1;
    this.#byteLength += byteLength;
    return null;
  }

  /** The sends of a room, in order. */
  of(roomId: number): readonly OutgoingSend[] {
    return (this.#rooms.get(roomId) ?? []).map(({ send, state }) => {
      const { clientMessageId, kind, content, targetId, at } = send;
      return { clientMessageId, roomId, kind, content, targetId, state, at };
    });
  }

  get roomIds(): readonly number[] {
    return [...this.#rooms.keys()];
  }

  /** Those that go out now, which count as on their way from here on. */
  takeDue(now: number): readonly DueSend[] {
    const due: DueSend[] = [];
    for (const [head] of this.#rooms.values()) {
      if (head === undefined || head.state !== 'queued' || head.notBefore > now) continue;
      due.push({ send: head.send, isResend: head.isUncertain || head.refusalCount > 0 });
      head.state = 'sending';
    }
    return due;
  }

  /** It was answered, or nobody waits for it any more. */
  remove(send: QueuedSend): void {
    const { roomId } = send;
    const entries = this.#rooms.get(roomId) ?? [];
    const at = entries.findIndex((entry) => entry.send === send);
    const entry = entries[at];
    if (entry === undefined) return;
    entries.splice(at, 1);
    if (entries.length === 0) this.#rooms.delete(roomId);
    this.#count -= 1;
    this.#byteLength -= entry.send.byteLength;
  }

  /** It was refused: goes again later, where that can help. Answers whether it goes. */
  refused(send: QueuedSend, error: ChatClientError, now: number, random: () => number): boolean {
    const entry = this.#rooms.get(send.roomId)?.find((one) => one.send === send);
    if (entry === undefined) return false;
    if (!error.retryable) {
      this.remove(send);
      return false;
    }
    entry.state = 'queued';
    entry.refusalCount += 1;
    entry.lastRefusal = error;
    entry.isUncertain ||= error.code === 'UNKNOWN';
    entry.notBefore = now + retryMs(entry.refusalCount, this.#limits, random);
    return true;
  }

  /** The connection is gone: what was on its way goes again in the next session, at once. */
  connectionLost(): void {
    for (const entry of this.#entries()) {
      entry.isUncertain ||= entry.state === 'sending';
      entry.state = 'queued';
      entry.notBefore = 0;
    }
  }

  /** Takes out what was not answered in time. */
  takeOverdue(now: number): readonly GivenUpSend[] {
    return this.#takeOut(({ send }) => send.dueAt <= now, null);
  }

  /** Takes out everything, since there will be no connection. */
  takeAll(reason: ChatClientError): readonly GivenUpSend[] {
    return this.#takeOut(() => true, reason);
  }

  /** When there is something to do if nothing happens before; null for never. `isConnected`: whether something may go out. */
  nextDueAt(isConnected: boolean): number | null {
    let next = Infinity;
    for (const [head, ...others] of this.#rooms.values()) {
      for (const { send } of head === undefined ? [] : [head, ...others]) next = Math.min(next, send.dueAt);
      if (isConnected && head?.state === 'queued') next = Math.min(next, head.notBefore);
    }
    return next === Infinity ? null : next;
  }

  #takeOut(isOver: (entry: Entry) => boolean, reason: ChatClientError | null): readonly GivenUpSend[] {
    const over = [...this.#entries()].filter(isOver);
    for (const { send } of over) this.remove(send);
    return over.map((entry) => ({ send: entry.send, error: outcomeOf(entry, reason) }));
  }

  *#entries(): Generator<Entry> {
    for (const entries of this.#rooms.values()) yield* entries;
  }
}

const UNKNOWN = {
  code: 'UNKNOWN',
  message: 'The outcome is unknown; send again with the same client-message-id and resend.',
  retryable: true,
} as const;

/** One that never went out, or was refused each time, is known not to be there; of any other nobody knows. */
function outcomeOf(entry: Entry, reason: ChatClientError | null): ChatClientError {
  const { clientMessageId } = entry.send;
  const isUncertain = entry.isUncertain || entry.state === 'sending';
  const { code, message, retryable } = isUncertain ? UNKNOWN : (reason ?? clientError('NOT_SENT'));
  return new ChatClientError({ code, message, retryable, cause: reason ?? entry.lastRefusal, clientMessageId });
}
