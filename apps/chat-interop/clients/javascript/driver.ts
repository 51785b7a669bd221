export type FrameHeaders = Readonly<Record<string, string>>;

/** A frame of the gateway as the client shows it. */
export interface ReceivedFrame {
  readonly headers: FrameHeaders;
  readonly body: string;
}

/** A MESSAGE, with the client's own ways to answer it. */
export interface ReceivedMessage extends ReceivedFrame {
  ack(headers: Record<string, string>): void;
  nack(headers: Record<string, string>): void;
}

export interface DriverEvents {
  onReceipt(receipt: ReceivedFrame): void;
  onHeartBeat(): void;
  /** The session ended without having been asked to, with the ERROR or the close as a sentence. */
  onLost(reason: string): void;
}

/** One session of a stock client, by the client's own functions. */
export interface StompSession {
  /** As negotiated: "1.2". */
  readonly version: string;
  subscribe(destination: string, onMessage: (message: ReceivedMessage) => void, headers: Record<string, string>): void;
  unsubscribe(id: string): void;
  send(destination: string, body: string, headers: Record<string, string>): void;
  begin(transaction: string): Transaction;
  /** Resolves once the gateway has answered, where `limits.disconnect` is null. */
  disconnect(): Promise<void>;
}

export interface Transaction {
  commit(): void;
  abort(): void;
}

/** What the client has no way to do, each as the reason why; null where it can. */
export interface ClientLimits {
  /** To ask for the RECEIPT of COMMIT and ABORT. */
  readonly transactionReceipt: string | null;
  /** To see the RECEIPT of DISCONNECT. */
  readonly disconnectReceipt: string | null;
}

export interface StompDriver {
  readonly limits: ClientLimits;
  /** Resolves when CONNECTED is there; rejects with the ERROR or the close as a sentence. */
  open(options: SessionOptions): Promise<StompSession>;
}

export interface SessionOptions {
  readonly url: string;
  readonly token: string;
  readonly heartBeatMs: number;
  readonly events: DriverEvents;
}

/** An ERROR as a sentence that has all its bytes say. */
export function describeError({ headers, body }: ReceivedFrame): string {
  return `ERROR ${JSON.stringify(headers)}${body === '' ? '' : ` ${JSON.stringify(body)}`}`;
}
