import type { ErrorDTO } from '@chat/dto';
import { Client, Versions, type IFrame, type IMessage, type IStompSocket, type StompHeaders } from '@stomp/stompjs';
import { WebSocket } from 'ws';
import { watchFrames } from './frame-faults.ts';

/** Longest wait for an answer of the gateway, in ms: it says within 5 s what became of a frame. */
const ANSWER_DEADLINE_MS = 5_000;

/** A MESSAGE as the client got it. */
export interface ReceivedMessage {
  readonly destination: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `performance.now()` at its arrival. */
  readonly at: number;
}

export interface OpenSubscription {
  readonly id: string;
  /** Of the RECEIPT of its SUBSCRIBE. */
  readonly receiptHeaders: StompHeaders;
  /** The MESSAGEs of this subscription in the order of their arrival. */
  readonly messages: readonly ReceivedMessage[];
  /** The bodies of all of them, parsed. */
  bodies<Body>(): readonly Body[];
  unsubscribe(): Promise<void>;
  /** Says ACK or NACK to the message that came as so many before it. */
  answer(command: 'ACK' | 'NACK', index: number): void;
}

export interface SocketEnd {
  readonly code: number;
  readonly reason: string;
}

export interface SessionOptions {
  readonly url: string;
  readonly token: string;
  /** What the client says of the version of its app; nothing by default. */
  readonly appVersion?: string;
  /** Listens on `/user/queue/errors` from the start; true by default. */
  readonly hearsErrors?: boolean;
  readonly versions?: Versions;
  /** Milliseconds; 0, which is also the default, for none. */
  readonly heartbeatOutgoing?: number;
  readonly heartbeatIncoming?: number;
  /** stompjs then cuts large frames into several WebSocket messages. */
  readonly splitLargeFrames?: boolean;
}

/** What was asked for was refused on `/user/queue/errors`. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly refusal: ErrorDTO;

  constructor(refusal: ErrorDTO) {
    super(`refused: ${refusal.code}`);
    this.refusal = refusal;
  }
}

/** The gateway ended the session while an answer was due, or instead of CONNECTED. */
export class SessionEndedError extends Error {
  override readonly name = 'SessionEndedError';
  /** The ERROR frame before the close, if one came. */
  readonly errorFrame: IFrame | null;
  readonly end: SocketEnd;

  constructor(errorFrame: IFrame | null, end: SocketEnd) {
    super(`the session ended with ${end.code} (${errorFrame?.headers['message'] ?? 'no ERROR frame'})`);
    this.errorFrame = errorFrame;
    this.end = end;
  }
}

interface Waiting {
  resolve(headers: StompHeaders): void;
  reject(error: Error): void;
}

/** One session of the stock client, which keeps all it receives. */
export class StompSession {
  readonly #client: Client;
  readonly #waiting = new Map<string, Waiting>();
  readonly #subscriptions = new Map<string, ReceivedMessage[]>();
  readonly #connected = Promise.withResolvers<IFrame>();
  readonly #ended = Promise.withResolvers<SocketEnd>();
  #socket: WebSocket | null = null;
  #errorFrame: IFrame | null = null;
  #receiptCount = 0;
  #heartbeatCount = 0;
  #isOver = false;

  private constructor({ url, token, versions = Versions.default, ...options }: SessionOptions) {
    this.#connected.promise.catch(() => {}); // `open` is who cares
    this.#client = new Client({
      webSocketFactory: () => this.#openSocket(url, versions),
      connectHeaders: {
        Authorization: `Bearer ${token}`,
        ...(options.appVersion !== undefined && { 'app-version': options.appVersion }),
      },
      reconnectDelay: 0,
      heartbeatOutgoing: options.heartbeatOutgoing ?? 0,
      heartbeatIncoming: options.heartbeatIncoming ?? 0,
      splitLargeFrames: options.splitLargeFrames ?? false,
      stompVersions: versions,
      onConnect: (frame) => this.#connected.resolve(frame),
      onStompError: (frame) => void (this.#errorFrame = frame),
      onWebSocketClose: (event: SocketEnd) => this.#over({ code: event.code, reason: event.reason }),
      onHeartbeatReceived: () => void (this.#heartbeatCount += 1),
    });
  }

  /** Resolves after CONNECTED; rejects with a SessionEndedError when the gateway refuses. */
  static async open(options: SessionOptions): Promise<StompSession> {
    const session = new StompSession(options);
    session.#client.activate();
    await answeredInTime(session.#connected.promise, 'CONNECT');
    if (options.hearsErrors !== false) await session.#hearErrors();
    return session;
  }

  /** Headers of the CONNECTED frame. */
  get connectedHeaders(): Promise<StompHeaders> {
    return this.#connected.promise.then(({ headers }) => headers);
  }

  get version(): string | undefined {
    return this.#client.connectedVersion;
  }

  get subProtocol(): string | undefined {
    return this.#socket?.protocol;
  }

  get heartbeatCount(): number {
    return this.#heartbeatCount;
  }

  get isConnected(): boolean {
    return this.#client.connected && !this.#isOver;
  }

  get errorFrame(): IFrame | null {
    return this.#errorFrame;
  }

  /** Resolves when the socket is closed, by whoever. */
  get ended(): Promise<SocketEnd> {
    return this.#ended.promise;
  }

  /** Resolves with the RECEIPT of the SUBSCRIBE; rejects with a RefusedError or a SessionEndedError. */
  async subscribe(destination: string, headers: StompHeaders = {}): Promise<OpenSubscription> {
    const messages: ReceivedMessage[] = [];
    const answerable: IMessage[] = [];
    const receipt = this.#newReceipt();
    const take = (message: IMessage) => {
      messages.push(receivedOf(message));
      answerable.push(message);
    };
    const subscription = this.#client.subscribe(destination, take, { ...headers, receipt: receipt.id });
    this.#subscriptions.set(subscription.id, messages);
    const receiptHeaders = await receipt.outcome;
    return {
      id: subscription.id,
      receiptHeaders,
      messages,
      bodies: <Body>() => messages.map(({ body }) => JSON.parse(body) as Body), // the test says what it expects
      unsubscribe: async () => {
        const gone = this.#newReceipt();
        subscription.unsubscribe({ receipt: gone.id });
        await gone.outcome;
      },
      answer: (command, index) => {
        const message = answerable[index];
        if (message === undefined) throw new RangeError(`no message ${index} has come`);
        if (command === 'ACK') message.ack();
        else message.nack();
      },
    };
  }

  /** Resolves with the headers of the RECEIPT; rejects with a RefusedError or a SessionEndedError. An object becomes JSON. */
  send(destination: string, body: unknown = '', headers: StompHeaders = {}): Promise<StompHeaders> {
    const receipt = this.#newReceipt();
    this.sendUnanswered(destination, body, { ...headers, receipt: receipt.id });
    return receipt.outcome;
  }

  /** A SEND without a receipt. */
  sendUnanswered(destination: string, body: unknown = '', headers: StompHeaders = {}): void {
    this.#client.publish({ destination, body: typeof body === 'string' ? body : JSON.stringify(body), headers });
  }

  /** Sends a message to a room; resolves with its id. */
  async sendMessage(roomId: number, content: string, headers: StompHeaders = {}): Promise<string> {
    const receipt = await this.send(`/app/chat.send/${roomId}`, { content }, headers);
    const messageId = receipt['message-id'];
    if (messageId === undefined) throw new Error('the RECEIPT of a message has no message-id');
    return messageId;
  }

  /** DISCONNECT, its RECEIPT, close. */
  async disconnect(): Promise<void> {
    await this.#client.deactivate();
  }

  /** Cuts the socket without a word. */
  cut(): void {
    this.#socket?.terminate();
  }

  /** Ends it in any state. */
  async abandon(): Promise<void> {
    this.cut();
    await this.#client.deactivate({ force: true });
  }

  /** Offers the sub-protocols that the stock client offers where it opens the socket itself. */
  #openSocket(url: string, versions: Versions): IStompSocket {
    this.#socket = new WebSocket(url, versions.protocolVersions());
    watchFrames(this.#socket);
    return this.#socket as unknown as IStompSocket; // ws is what stompjs documents for Node; its types name fewer event fields
  }

  async #hearErrors(): Promise<void> {
    const receipt = this.#newReceipt();
    const onError = ({ body }: IMessage) => {
      const refusal = JSON.parse(body) as ErrorDTO; // the contract of the error queue
      this.refusals.push(refusal);
      if (refusal.receiptId !== undefined) this.#waiting.get(refusal.receiptId)?.reject(new RefusedError(refusal));
    };
    this.#client.subscribe('/user/queue/errors', onError, { receipt: receipt.id });
    await receipt.outcome;
  }

  /** Everything that came on `/user/queue/errors`. */
  readonly refusals: ErrorDTO[] = [];

  #newReceipt(): { id: string; outcome: Promise<StompHeaders> } {
    this.#receiptCount += 1;
    const id = `receipt-${this.#receiptCount}`;
    const outcome = Promise.withResolvers<StompHeaders>();
    this.#waiting.set(id, outcome);
    this.#client.watchForReceipt(id, ({ headers }) => outcome.resolve(headers));
    return { id, outcome: answeredInTime(outcome.promise, `the frame with ${id}`) };
  }

  #over(end: SocketEnd): void {
    this.#isOver = true;
    const error = new SessionEndedError(this.#errorFrame, end);
    this.#connected.reject(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#ended.resolve(end);
  }
}

function receivedOf({ headers, body }: IMessage): ReceivedMessage {
  return { destination: headers['destination'] ?? '', headers: { ...headers }, body, at: performance.now() };
}

async function answeredInTime<Value>(answer: Promise<Value>, what: string): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`${what} was not answered within ${ANSWER_DEADLINE_MS} ms`));
  }, ANSWER_DEADLINE_MS);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
