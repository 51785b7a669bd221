import { Parser, type IRawFrameType, type IStompSocket } from '@stomp/stompjs';
import type { ObservedFrame } from '../api.ts';

const HIDDEN = '[hidden]';
const REFRESH_DESTINATION = '/app/auth.refresh';

/** Shows the frames of a socket as they are on the wire, but for the token. */
export function observeFrames(socket: IStompSocket, gatewayUrl: string, onFrame: (frame: ObservedFrame) => void): void {
  const show = (direction: ObservedFrame['direction']) => {
    const tell = (frame: Pick<ObservedFrame, 'command' | 'headers' | 'body'>) =>
      onFrame({ direction, ...frame, at: Date.now(), gatewayUrl });
    // stompjs catches what is thrown in here
    return new Parser(
      (frame) => tell(withoutToken(frame)),
      () => tell({ command: 'HEART-BEAT', headers: {}, body: '' }),
    );
  };
  const [incoming, outgoing] = [show('in'), show('out')];
  const send = socket.send.bind(socket);
  socket.send = (data: string | ArrayBuffer) => {
    outgoing.parseChunk(data);
    send(data);
  };
  // every WebSocket has it; stompjs sets `onmessage`, which is called behind this
  (socket as unknown as EventTarget).addEventListener('message', (event) =>
    incoming.parseChunk((event as MessageEvent<string | ArrayBuffer>).data),
  );
}

function withoutToken({ command = '', headers, binaryBody }: IRawFrameType) {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers.toReversed()) shown[name] = name === 'Authorization' ? HIDDEN : unescape(value);
  const hidesBody = shown['destination'] === REFRESH_DESTINATION;
  return { command, headers: shown, body: hidesBody ? HIDDEN : new TextDecoder().decode(binaryBody) };
}

const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\r': '\r', '\\c': ':', '\\\\': '\\' };

function unescape(value: string): string {
  return value.replace(/\\[nrc\\]/g, (escape) => ESCAPES[escape] ?? escape);
}
