import { createFrame, FrameParser, HEART_BEAT, serializeFrame, type StompFrame } from '@chat/stomp';
import { WebSocket } from 'ws';

/** Longest wait for the upgrade, in ms. */
const UPGRADE_DEADLINE_MS = 5_000;
const VERSION = '1.2';
/** The clients are pages in a browser, as most of them are, from another host than the gateways'. */
export const PAGE_ORIGIN = 'https://chat.example';

export interface WireEvents {
  readonly onOpen: () => void;
  readonly onFrame: (frame: StompFrame) => void;
  /** Once, also where it never opened; 1006 without a close frame. */
  readonly onClosed: (code: number) => void;
}

/** STOMP frames over one WebSocket, with as little work a frame as it takes: a run has thousands a second. */
export class Wire {
  readonly #socket: WebSocket;
  readonly #parser = new FrameParser();

  constructor(url: string, events: WireEvents) {
    this.#parser.setVersion(VERSION);
    const options = { perMessageDeflate: false, handshakeTimeout: UPGRADE_DEADLINE_MS, origin: PAGE_ORIGIN };
    this.#socket = new WebSocket(url, ['v12.stomp'], options);
    this.#socket.on('open', events.onOpen);
    this.#socket.on('message', (bytes) => this.#receive(bytes as Buffer, events.onFrame)); // ws makes nothing else by default
    this.#socket.on('close', (code) => events.onClosed(code));
    this.#socket.on('error', () => {}); // a close follows
  }

  send(command: string, headers: Readonly<Record<string, string | undefined>>, body = ''): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return; // a close follows, which says so
    this.#socket.send(serializeFrame(createFrame(command, headers, body), VERSION));
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  /** Without a close frame; `onClosed` follows. */
  cut(): void {
    this.#socket.terminate();
  }

  #receive(bytes: Buffer, onFrame: WireEvents['onFrame']): void {
    this.#parser.push(bytes);
    for (let event = this.#parser.next(); event !== null; event = this.#parser.next()) {
      if (event !== HEART_BEAT) onFrame(event);
    }
  }
}
