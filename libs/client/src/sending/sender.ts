import type { OutgoingSend, SendOptions } from '../api.ts';
import type { KeepConnection } from '../connection/keep-connection.ts';
import { ChatClientError, clientError } from '../error.ts';
import { TIMER_MAX_MS, type ChatLimits } from '../limits.ts';
import { createCell, type CallListener, type Cell } from '../store.ts';
import { isClientMessageId, newClientMessageId } from './client-message-id.ts';
import { Outbox, type DueSend, type GivenUpSend, type QueuedSend } from './outbox.ts';

/** What is said in a room, before it has an id. */
export interface Saying extends Pick<OutgoingSend, 'kind' | 'content' | 'targetId'> {
  readonly roomId: number;
  readonly destination: string;
  readonly body: object;
}

interface Waiting {
  readonly resolve: (messageId: number) => void;
  readonly reject: (error: ChatClientError) => void;
}

export interface SenderOptions {
  readonly connection: KeepConnection;
  readonly limits: ChatLimits;
  readonly call: CallListener;
}

/** Sends what the outbox says, and tells the callers what became of it. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #outbox: Outbox;
  readonly #waiting = new Map<QueuedSend, Waiting>();
  readonly #cells = new Map<number, Cell<readonly OutgoingSend[]>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.limits);
    options.connection.use({
      up: () => this.#pump(),
      down: () => this.#down(),
      closed: (error) => this.#giveUp(this.#outbox.takeAll(error)),
    });
  }

  /** What waits in a room, in order. */
  waitingIn(roomId: number): Cell<readonly OutgoingSend[]> {
    const known = this.#cells.get(roomId);
    if (known !== undefined) return known;
    const cell = createCell<readonly OutgoingSend[]>(this.#outbox.of(roomId), this.#options);
    this.#cells.set(roomId, cell);
    return cell;
  }

  /** Resolves with the id of the message. */
  say(saying: Saying, options: SendOptions = {}): Promise<number> {
    const { connection, limits } = this.#options;
    const { clientMessageId = newClientMessageId(), persisted = false, resend = false } = options;
    const { deadlineMs = limits.sendDeadlineMs } = options;
    if (!isClientMessageId(clientMessageId)) return Promise.reject(badKey(clientMessageId));
    if (connection.state.get().name === 'closed') return Promise.reject(clientError('CLOSED', { clientMessageId }));
    const now = Date.now();
    const body = JSON.stringify(saying.body);
    const send: QueuedSend = {
      ...saying,
      body,
      byteLength: new TextEncoder().encode(body).length,
      clientMessageId,
      isPersisted: persisted,
      isResend: resend,
      at: now,
      dueAt: now + deadlineMs,
    };
    const refusal = this.#outbox.add(send);
    if (refusal !== null) return Promise.reject(refusal);
    const answer = new Promise<number>((resolve, reject) => this.#waiting.set(send, { resolve, reject }));
    this.#tell(send.roomId);
    this.#pump();
    return answer;
  }

  #pump(): void {
    const { exchange } = this.#options.connection;
    const now = Date.now();
    this.#giveUp(this.#outbox.takeOverdue(now));
    if (exchange !== null)
      for (const due of this.#outbox.takeDue(now)) {
        this.#tell(due.send.roomId);
        exchange.send(due.send.destination, headersOf(due), due.send.body).then(
          (receipt) => this.#answered(due.send, receipt),
          (error: ChatClientError) => this.#refused(due.send, error),
        );
      }
    this.#plan();
  }

  #answered(send: QueuedSend, receipt: Readonly<Record<string, string>>): void {
    this.#outbox.remove(send);
    this.#settle(send)?.resolve(Number(receipt['message-id']));
    this.#pump();
  }

  #refused(send: QueuedSend, error: ChatClientError): void {
    // those of a connection that is lost were put back when it was
    if (error.code !== 'CONNECTION_LOST' && !this.#outbox.refused(send, error, Date.now(), Math.random))
      this.#settle(send)?.reject(error);
    this.#tell(send.roomId);
    this.#pump();
  }

  #down(): void {
    this.#outbox.connectionLost();
    for (const roomId of this.#outbox.roomIds) this.#tell(roomId);
    this.#plan();
  }

  #giveUp(sends: readonly GivenUpSend[]): void {
    for (const { send, error } of sends) this.#settle(send)?.reject(error);
  }

  #settle(send: QueuedSend): Waiting | undefined {
    const waiting = this.#waiting.get(send);
    this.#waiting.delete(send);
    this.#tell(send.roomId);
    return waiting;
  }

  #tell(roomId: number): void {
    this.#cells.get(roomId)?.set(this.#outbox.of(roomId));
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const at = this.#outbox.nextDueAt(this.#options.connection.exchange !== null);
    if (at !== null) this.#timer = setTimeout(() => this.#pump(), Math.min(TIMER_MAX_MS, at - Date.now()));
  }
}

function headersOf({ send, isResend }: DueSend): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/json',
    'client-message-id': send.clientMessageId,
    ...(isResend && { resend: 'true' }),
    ...(send.isPersisted && { 'receipt-level': 'persisted' }),
  };
}

function badKey(clientMessageId: string): ChatClientError {
  const message = 'A client-message-id has 1 to 128 characters of printable ASCII, no spaces.';
  return new ChatClientError({ code: 'INVALID_REQUEST', message, retryable: false, clientMessageId });
}
