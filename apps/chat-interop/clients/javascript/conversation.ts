import { inTime } from '@chat/testing';
import type { Task } from '../../src/steps.ts';
import type {
  FrameHeaders,
  ReceivedMessage,
  SessionOptions,
  StompDriver,
  StompSession,
  Transaction,
} from './driver.ts';

export type AckMode = 'auto' | 'client' | 'client-individual';

/** A message with what it says. */
export interface ChatMessage {
  readonly id: string;
  readonly content: string;
  readonly frame: ReceivedMessage;
}

/** What a subscription of the room has received. */
export interface RoomSubscription {
  readonly id: string;
  readonly messages: readonly ChatMessage[];
}

/** A session in the room, with answers to wait for; every wait has the task's deadline and ends with the session. */
export class Conversation {
  readonly #task: Task;
  readonly #session: StompSession;
  readonly #log: EventLog;
  #counter = 0;

  private constructor(task: Task, session: StompSession, log: EventLog) {
    this.#task = task;
    this.#session = session;
    this.#log = log;
  }

  static async open(driver: StompDriver, task: Task): Promise<Conversation> {
    const log = new EventLog(task.answerMs);
    const options: SessionOptions = { ...task, events: log };
    return new Conversation(task, await log.within('CONNECTED', driver.open(options)), log);
  }

  get version(): string {
    return this.#session.version;
  }

  get heartBeatCount(): number {
    return this.#log.heartBeatCount;
  }

  /** Resolves with the RECEIPT, from which on the subscription is live. */
  async subscribe(ack: AckMode): Promise<RoomSubscription> {
    const [id, receipt] = [this.#next('sub'), this.#next('receipt')];
    const messages: ChatMessage[] = [];
    const onMessage = (frame: ReceivedMessage) => {
      messages.push({ id: frame.headers['message-id'] ?? '', content: contentOf(frame.body), frame });
      this.#log.changed();
    };
    this.#session.subscribe(`/topic/chat_rooms/${this.#task.roomId}`, onMessage, { id, ack, receipt });
    await this.receiptOf(receipt);
    return { id, messages };
  }

  unsubscribe({ id }: RoomSubscription): void {
    this.#session.unsubscribe(id);
  }

  /** Resolves with the RECEIPT's `message-id`. */
  async send(content: string): Promise<string> {
    return messageIdOf(await this.receiptOf(this.post(content)));
  }

  /** Sends without waiting; answers the receipt that it has asked for. */
  post(content: string, headers: FrameHeaders = {}): string {
    const receipt = this.#next('receipt');
    const body = JSON.stringify({ content });
    this.#session.send(`/app/chat.send/${this.#task.roomId}`, body, { ...headers, receipt });
    return receipt;
  }

  /** Resolves with the RECEIPT's headers. */
  receiptOf(receipt: string): Promise<FrameHeaders> {
    return this.#log.until(`RECEIPT of ${receipt}`, () => this.#log.receipts.get(receipt));
  }

  hasReceiptOf(receipt: string): boolean {
    return this.#log.receipts.has(receipt);
  }

  message(subscription: RoomSubscription, id: string): Promise<ChatMessage> {
    return this.#log.until(`MESSAGE ${id}`, () => subscription.messages.find((message) => message.id === id));
  }

  /** Answers a message of a client mode; resolves with the RECEIPT. */
  async acknowledge({ frame }: ChatMessage, how: 'ack' | 'nack'): Promise<void> {
    if (frame.headers['ack'] === undefined) throw new Error('the MESSAGE has no ack header');
    const receipt = this.#next('receipt');
    frame[how]({ receipt });
    await this.receiptOf(receipt);
  }

  begin(transaction: string): Transaction {
    return this.#session.begin(transaction);
  }

  disconnect(): Promise<void> {
    return this.#log.within('RECEIPT of DISCONNECT', this.#session.disconnect());
  }

  #next(name: string): string {
    this.#counter += 1;
    return `${name}-${this.#counter}`;
  }
}

/** `message-id` of the RECEIPT of a SEND; throws where it has none. */
export function messageIdOf(receipt: FrameHeaders): string {
  const id = receipt['message-id'];
  if (id === undefined) throw new Error(`the RECEIPT of a SEND has no message-id: ${JSON.stringify(receipt)}`);
  return id;
}

function contentOf(body: string): string {
  return (JSON.parse(body) as { content: string }).content; // a MessageDTO
}

/** What has come so far, and who waits for more. */
class EventLog {
  readonly receipts = new Map<string, FrameHeaders>();
  heartBeatCount = 0;
  readonly #deadlineMs: number;
  readonly #waiters = new Set<() => void>();
  #lost: string | null = null;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  readonly onReceipt = ({ headers }: { readonly headers: FrameHeaders }): void => {
    this.receipts.set(headers['receipt-id'] ?? '', headers);
    this.changed();
  };

  readonly onHeartBeat = (): void => {
    this.heartBeatCount += 1;
  };

  readonly onLost = (reason: string): void => {
    this.#lost ??= reason;
    this.changed();
  };

  changed(): void {
    for (const look of this.#waiters) look();
  }

  /** Resolves as soon as there is something to find. */
  until<Found>(what: string, find: () => Found | undefined): Promise<Found> {
    const { promise, resolve, reject } = Promise.withResolvers<Found>();
    const look = () => {
      const found = find();
      if (found !== undefined) resolve(found);
      else if (this.#lost !== null) reject(new Error(`the session was lost: ${this.#lost}`));
    };
    this.#waiters.add(look);
    look();
    return this.within(what, promise).finally(() => this.#waiters.delete(look));
  }

  within<Value>(what: string, work: Promise<Value>): Promise<Value> {
    return inTime(
      () => work,
      this.#deadlineMs,
      () => new Error(`no ${what} within ${this.#deadlineMs} ms`),
    );
  }
}
