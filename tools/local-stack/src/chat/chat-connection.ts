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

/** One user in one room, over STOMP on WebSocket: as much of a client as it takes to try the service by hand. */
export class ChatConnection {
  readonly #socket: WebSocket;
  readonly #roomId: number;
  readonly #events: ChatEvents;
  readonly #parser = new FrameParser();
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
    this.#sendFrame('SEND', { destination: `/app/chat.send/${this.#roomId}` }, JSON.stringify({ content }));
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
    else if (frame.command === 'RECEIPT') this.#events.onLive();
    else if (frame.command === 'ERROR') this.#events.onError(headers.get('message') ?? body);
    else if (headers.get('subscription') === 'room') this.#events.onMessage(JSON.parse(body));
    else if (frame.command === 'MESSAGE') this.#events.onError(JSON.parse(body).message);
  }

  #subscribe(): void {
    this.#heartBeat = setInterval(() => this.#socket.send(HEART_BEAT_BYTES), HEART_BEAT_MS);
    this.#sendFrame('SUBSCRIBE', { id: 'errors', destination: '/user/queue/errors' });
    this.#sendFrame('SUBSCRIBE', { id: 'room', destination: `/topic/chat_rooms/${this.#roomId}`, receipt: 'live' });
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
