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

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /** Resolves with the headers of the RECEIPT; rejects with what the error queue says, or when the session ends. */
  send(destination: string, headers: Headers, body: string): Promise<Headers> {
    const receipt = `r-${(this.#receiptCount += 1)}`;
    const answer = this.#answerTo(receipt);
    this.#options.session.send(destination, { ...headers, receipt }, body);
    return answer;
  }

  /** A SEND that needs no answer. */
  tell(destination: string, body: string): void {
    this.#options.session.send(destination, {}, body);
  }

  subscribe(id: string, destination: string, headers: Headers): Promise<Headers> {
    const receipt = `r-${(this.#receiptCount += 1)}`;
    const answer = this.#answerTo(receipt);
    this.#options.session.subscribe(destination, { ...headers, id, receipt });
    return answer;
  }

  unsubscribe(id: string): void {
    this.#options.session.unsubscribe(id);
  }

  /** A RECEIPT came. */
  answered(receiptId: string, headers: Headers): void {
    this.#take(receiptId)?.resolve(headers);
  }

  /** The error queue named a frame; false where it is none that is awaited here. */
  refused({ code, message, retryable, receiptId, clientMessageId }: ErrorDTO): boolean {
    const pending = receiptId === undefined ? undefined : this.#take(receiptId);
    const named = clientMessageId !== undefined && { clientMessageId };
    pending?.reject(new ChatClientError({ code, message, retryable, ...named }));
    return pending !== undefined;
  }

  end(): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(clientError('CONNECTION_LOST'));
  }

  #answerTo(receiptId: string): Promise<Headers> {
    const { answerDeadlineMs, unanswered } = this.#options;
    return new Promise((resolve, reject) => {
      const late = () => {
        const message = `The gateway did not answer within ${answerDeadlineMs} ms.`;
        unanswered(clientError('TIMEOUT', { message }));
      };
      this.#pending.set(receiptId, { resolve, reject, timer: setTimeout(late, answerDeadlineMs) });
    });
  }

  #take(receiptId: string): Pending | undefined {
    const pending = this.#pending.get(receiptId);
    clearTimeout(pending?.timer);
    this.#pending.delete(receiptId);
    return pending;
  }
}
