import type { KeepConnection } from '../connection/keep-connection.ts';
import { retryMs } from '../connection/backoff.ts';
import { clientError, type ChatClientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';

interface Mark {
  readonly messageId: number;
  readonly waiting: { readonly resolve: () => void; readonly reject: (error: ChatClientError) => void }[];
  /** Gives it up at its deadline. */
  readonly deadline: ReturnType<typeof setTimeout>;
  retry: ReturnType<typeof setTimeout> | undefined;
  isSending: boolean;
  refusalCount: number;
}

/** The last mark of each room is told, in whichever session takes it; those before it are settled with it. */
export class ReadMarks {
  readonly #connection: KeepConnection;
  readonly #limits: ChatLimits;
  readonly #marks = new Map<number, Mark>();

  constructor(connection: KeepConnection, limits: ChatLimits) {
    this.#connection = connection;
    this.#limits = limits;
    connection.use({
      up: () => [...this.#marks.keys()].forEach((roomId) => this.#send(roomId)),
      down: () => this.#marks.forEach((mark) => (mark.isSending = false)),
      closed: (error) => [...this.#marks].forEach(([roomId, mark]) => this.#fail(roomId, mark, error)),
    });
  }

  mark(roomId: number, messageId: number): Promise<void> {
    if (this.#connection.state.get().name === 'closed') return Promise.reject(clientError('CLOSED'));
    const { waiting = [] } = this.#take(roomId) ?? {};
    const answer = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    const late = () => this.#fail(roomId, mark, clientError('TIMEOUT'));
    const deadline = setTimeout(late, this.#limits.sendDeadlineMs);
    const mark: Mark = { messageId, waiting, deadline, retry: undefined, isSending: false, refusalCount: 0 };
    this.#marks.set(roomId, mark);
    this.#send(roomId);
    return answer;
  }

  #send(roomId: number): void {
    const mark = this.#marks.get(roomId);
    const { exchange } = this.#connection;
    if (mark === undefined || mark.isSending || exchange === null) return;
    mark.isSending = true;
    const body = JSON.stringify({ messageId: mark.messageId });
    exchange.send(`/app/chat.read/${roomId}`, { 'content-type': 'application/json' }, body).then(
      () => {
        if (this.#marks.get(roomId) !== mark) return;
        this.#take(roomId);
        for (const { resolve } of mark.waiting) resolve();
      },
      (error: ChatClientError) => {
        if (this.#marks.get(roomId) !== mark || error.code === 'CONNECTION_LOST') return;
        if (!error.retryable) return this.#fail(roomId, mark, error);
        mark.isSending = false;
        mark.refusalCount += 1;
        mark.retry = setTimeout(() => this.#send(roomId), retryMs(mark.refusalCount, this.#limits));
      },
    );
  }

  #fail(roomId: number, mark: Mark, error: ChatClientError): void {
    this.#take(roomId);
    for (const { reject } of mark.waiting) reject(error);
  }

  #take(roomId: number): Mark | undefined {
    const mark = this.#marks.get(roomId);
    this.#marks.delete(roomId);
    clearTimeout(mark?.deadline);
    clearTimeout(mark?.retry);
    return mark;
  }
}
