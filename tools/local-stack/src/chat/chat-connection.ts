import { createFrame, FrameParser, HEART_BEAT, HEART_BEAT_BYTES, serializeFrame, type StompFrame } from '@chat/stomp';

/** What a person at a terminal sees of a room. */
export interface ChatEvents {
  readonly onLive: () => void;
  readonly onMessage: (message: { senderId: number; content: string }) => void;
  readonly onError: (text: string) => void;
  readonly onClosed: (reason: string) => void;
}

const HEART_BEAT_MS = 10_000;
const VERSION = '1.2';
/** Receipt of the room's subscription. */
const LIVE = 'live';

/** One user in one room, over STOMP on WebSocket: as much of a client as it takes to try the service by hand. */
export class ChatConnection {
  readonly #socket: WebSocket;
  readonly #roomId: number;
  readonly #events: ChatEvents;
  readonly #parser = new FrameParser();
  /** Receipts of lines that have no answer yet. */
  readonly #unanswered = new Set<string>();
  #sentCount = 0;
  #onSettled: (() => void) | null = null;
  #heartBeat: NodeJS.Timeout | null = null;

  constructor(options: { url: string; token: string; roomId: number; events: ChatEvents }) {
    this.#roomId = options.roomId;
    this.#events = options.events;
    this.#parser.setVersion(VERSION);
    this.#socket = new WebSocket(options.url, ['v12.stomp']);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onopen = () => this.#sendFrame('CONNECT', connectHeaders(options));
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code, reason }) => {
      if (this.#heartBeat !== null) clearInterval(this.#heartBeat);
      this.#events.onClosed(`the connection is closed (${code}${reason === '' ? '' : `, ${reason}`})`);
    };
  }

  send(content: string): void {
    const receipt = `line-${(this.#sentCount += 1)}`;
    this.#unanswered.add(receipt);
    this.#sendFrame('SEND', { destination: `/app/chat.send/${this.#roomId}`, receipt }, JSON.stringify({ content }));
  }

  /** Resolves once every line sent so far is acknowledged or refused; never, where the connection closes before. */
  settled(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onSettled = resolve;
    this.#settleIfAnswered();
    return promise;
  }

  close(): void {
    this.#socket.close(1000);
  }

  #receive(data: unknown): void {
    this.#parser.push(typeof data === 'string' ? Buffer.from(data) : new Uint8Array(data as ArrayBuffer)); // binaryType
    for (let event = this.#parser.next(); event !== null; event = this.#parser.next()) {
      if (event !== HEART_BEAT) this.#onFrame(event);
    }
  }

  #onFrame(frame: StompFrame): void {
    const headers = new Map(frame.headers.toReversed());
    const body = Buffer.from(frame.body).toString('utf8');
    if (frame.command === 'CONNECTED') this.#subscribe();
    else if (frame.command === 'RECEIPT') this.#onReceipt(headers.get('receipt-id') ?? '');
    else if (frame.command === 'ERROR') this.#events.onError(headers.get('message') ?? body);
    else if (headers.get('subscription') === 'room') this.#events.onMessage(JSON.parse(body));
    else if (frame.command === 'MESSAGE') this.#onRefusal(JSON.parse(body));
  }

  #onReceipt(receipt: string): void {
    if (receipt === LIVE) this.#events.onLive();
    else this.#answered(receipt);
  }

  #onRefusal({ message, receiptId }: { message: string; receiptId?: string }): void {
    this.#events.onError(message);
    if (receiptId !== undefined) this.#answered(receiptId);
  }

  #answered(receipt: string): void {
    this.#unanswered.delete(receipt);
    this.#settleIfAnswered();
  }

  #settleIfAnswered(): void {
    if (this.#unanswered.size === 0) this.#onSettled?.();
  }

  #subscribe(): void {
    this.#heartBeat = setInterval(() => this.#socket.send(HEART_BEAT_BYTES), HEART_BEAT_MS);
    this.#sendFrame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });
    this.#sendFrame('SUBSCRIBE', { id: 'room', destination: `/topic/chat_rooms/${this.#roomId}`, receipt: LIVE });
  }

  #sendFrame(command: string, headers: Record<string, string>, body?: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(Uint8Array.from(serializeFrame(createFrame(command, headers, body), VERSION)));
  }
}

function connectHeaders({ url, token }: { url: string; token: string }): Record<string, string> {
  return {
    'accept-version': VERSION,
    host: new URL(url).hostname,
    'heart-beat': `${HEART_BEAT_MS},0`,
    Authorization: `Bearer ${token}`,
  };
}
