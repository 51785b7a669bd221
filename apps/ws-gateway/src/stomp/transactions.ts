import { ChatError } from '@chat/service-kit';
import type { AcknowledgedMessage } from '../broker/ack-id.ts';
import { invalidFields } from '../broker/invalid-fields.ts';
import { isMessageSend, type ClientSend, type MessageSend } from '../broker/requests.ts';

/** An ACK or NACK. */
export interface Acknowledgement extends AcknowledgedMessage {
  /** By NACK. */
  readonly isRefused: boolean;
  readonly receiptId: string | undefined;
}

/** A frame that takes effect when its transaction is committed. */
export type TransactionFrame =
  | { readonly kind: 'send'; readonly send: MessageSend }
  | { readonly kind: 'acknowledgement'; readonly acknowledgement: Acknowledgement };

/** What stands between BEGIN and COMMIT or ABORT, in the order of the frames. */
export interface Transaction {
  readonly frames: readonly TransactionFrame[];
  /** Why one of its frames was refused, so that it cannot be committed any more; null where none was. */
  readonly refusal: ChatError | null;
}

export interface TransactionLimits {
  /** Open at the same time. */
  readonly maxTransactions: number;
  /** SENDs, ACKs and NACKs of one. */
  readonly maxTransactionFrames: number;
  /** Bytes of one as records, so that its SENDs to one partition fit into one batch. */
  readonly maxTransactionBytes: number;
}

interface OpenTransaction extends Transaction {
  readonly frames: TransactionFrame[];
  bytes: number;
  refusal: ChatError | null;
}

/** What a message has in Kafka beside its content, in bytes at most but for its client-message-id. */
const RECORD_OVERHEAD_BYTES = 500;

/** The open transactions of one session, bounded in number and size. */
export class Transactions {
  readonly #limits: TransactionLimits;
  readonly #open = new Map<string, OpenTransaction>();

  constructor(limits: TransactionLimits) {
    this.#limits = limits;
  }

  has(id: string): boolean {
    return this.#open.has(id);
  }

  /** Null, or why no more can be begun. */
  begin(id: string): ChatError | null {
    const { maxTransactions } = this.#limits;
    if (this.#open.size >= maxTransactions) {
      const message = `A session may have at most ${maxTransactions} open transactions.`;
      return new ChatError('TOO_MANY_TRANSACTIONS', { message });
    }
    this.#open.set(id, { frames: [], bytes: 0, refusal: null });
    return null;
  }

  /** Null, or why the SEND cannot be part of it; then none of the others takes effect either. It must be open. */
  addSend(id: string, send: ClientSend): ChatError | null {
    if (isMessageSend(send)) return this.#add(id, { kind: 'send', send });
    const refusal = invalidFields({
      field: 'destination',
      message: 'must be that of a message to a room in a transaction',
    });
    this.#get(id).refusal ??= refusal;
    return refusal;
  }

  /** The same of an ACK or NACK. */
  addAcknowledgement(id: string, acknowledgement: Acknowledgement): ChatError | null {
    return this.#add(id, { kind: 'acknowledgement', acknowledgement });
  }

  #add(id: string, frame: TransactionFrame): ChatError | null {
    const transaction = this.#get(id);
    const { maxTransactionFrames, maxTransactionBytes } = this.#limits;
    const bytes = transaction.bytes + bytesOf(frame);
    if (transaction.frames.length >= maxTransactionFrames || bytes > maxTransactionBytes) {
      const message = `A transaction may have at most ${maxTransactionFrames} frames and ${maxTransactionBytes} bytes.`;
      transaction.refusal ??= new ChatError('TRANSACTION_TOO_LARGE', { message });
      return transaction.refusal;
    }
    transaction.frames.push(frame);
    transaction.bytes = bytes;
    return null;
  }

  #get(id: string): OpenTransaction {
    const transaction = this.#open.get(id);
    if (transaction === undefined) throw new RangeError('the transaction is not open');
    return transaction;
  }

  /** Ends it; undefined where it is not open. */
  take(id: string): Transaction | undefined {
    const transaction = this.#open.get(id);
    this.#open.delete(id);
    return transaction;
  }

  /** Ends all, in the order of their BEGINs. */
  takeAll(): readonly Transaction[] {
    const all = [...this.#open.values()];
    this.#open.clear();
    return all;
  }
}

function bytesOf(frame: TransactionFrame): number {
  if (frame.kind === 'acknowledgement') return frame.acknowledgement.messageId.length;
  const { body, clientMessageId } = frame.send;
  return RECORD_OVERHEAD_BYTES + body.length + (clientMessageId?.length ?? 0);
}
