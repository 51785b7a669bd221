import type { ErrorDTO } from '@chat/dto';
import { ChatClientError, clientError } from '../error.ts';
import type { StompSession } from './stomp-session.ts';

export type Headers = Readonly<Record<string, string>>;

interface Pending {
  readonly resolve: (headers: Headers) => void;
  readonly reject: (error: ChatClientError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export interface ExchangeOptions {
  readonly session: StompSession;
  readonly answerDeadlineMs: number;
  /** A frame was not answered in time, which the gateway promises: the connection is as good as lost. */
  readonly unanswered: (error: ChatClientError) => void;
}

/** Frames of one session and what is answered to them: each that asks for it has one answer. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #pending = new Map<string, Pending>();
  #receiptCount = 0;
  #isOver = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Resolves with the headers of the RECEIPT; rejects with what the error queue says, or when the session ends. */
  send(destination: string, headers: Headers, body: string): Promise<Headers> {
    return this.#ask((session, receipt) => session.send(destination, { ...headers, receipt }, body));
  }

  /** A SEND that needs no answer. */
  tell(destination: string, body: string): void {
    this.#options.session.send(destination, {}, body);
  }

  subscribe(id: string, destination: string, headers: Headers): Promise<Headers> {
    return this.#ask((session, receipt) => session.subscribe(destination, { ...headers, id, receipt }));
  }

  unsubscribe(id: string): void {
    this.#options.session.unsubscribe(id);
  }

  /** A RECEIPT came. */
  answered(receiptId: string, headers: Headers): void {
    this.#take(receiptId)?.resolve(headers);
  }

  /** The error queue named a frame; false where it is none that is awaited here. */
  refused(refusal: ErrorDTO): boolean {
    const pending = this.#take(refusal.receiptId ?? '');
    pending?.reject(new ChatClientError(refusal));
    return pending !== undefined;
  }

  /** Nothing is answered from here on: what is asked yet is rejected at once. */
  end(): void {
    this.#isOver = true;
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(clientError('CONNECTION_LOST'));
  }

  #ask(transmit: (session: StompSession, receiptId: string) => void): Promise<Headers> {
    const { session, answerDeadlineMs, unanswered } = this.#options;
    const receiptId = `r-${(this.#receiptCount += 1)}`;
    return new Promise((resolve, reject) => {
      if (this.#isOver) return reject(clientError('CONNECTION_LOST'));
      const late = () => {
        const message = `The gateway did not answer within ${answerDeadlineMs} ms.`;
        unanswered(clientError('TIMEOUT', { message }));
      };
      this.#pending.set(receiptId, { resolve, reject, timer: setTimeout(late, answerDeadlineMs) });
      transmit(session, receiptId);
    });
  }

  #take(receiptId: string): Pending | undefined {
    const pending = this.#pending.get(receiptId);
    clearTimeout(pending?.timer);
    this.#pending.delete(receiptId);
    return pending;
  }
}
