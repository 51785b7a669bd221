import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FrameParser, HEART_BEAT, headerOf, STOMP_VERSIONS, type StompFrame } from '@chat/stomp';
import { createFrameJudge, type JudgedMessages, type ReadRecord } from '@chat/testing';
import type { WebSocket } from 'ws';

const DOCUMENT = join(import.meta.dirname, '../../../../docs/asyncapi.json');
const LIMITS = { maxFrameBytes: 4_194_304, maxBodyBytes: 4_194_304, maxHeaderBytes: 65_536 };

const judge = createFrameJudge(JSON.parse(readFileSync(DOCUMENT, 'utf8')) as JudgedMessages); // ours
/** What was wrong with frames and records since it was asked for last. */
let faults: string[] = [];

const note = (problem: string | null): void => {
  if (problem !== null) faults.push(problem);
};

/** A frame of the gateway came; what the AsyncAPI document does not have is noted. */
export const noteFrame = (frame: StompFrame): void => note(judge.received(frame));

/** The same of a record, where the service itself has written it: tests write others, too. */
export function noteRecord(topic: string, { headers, value }: ReadRecord): void {
  const texts = Object.entries(headers).map(([name, text]) => [name, String(Array.isArray(text) ? text[0] : text)]);
  const ours: Readonly<Record<string, string>> = Object.fromEntries(texts);
  if (/^(ws-gateway|rooms-api|presence-worker|message-persister)\//.test(ours['ce_source'] ?? '')) {
    note(judge.published(topic, { headers: ours, value: value?.toString('utf8') ?? '' }));
  }
}

/** Throws where something was, of all that went over the wire since the last time. For `afterEach`. */
export function requireNoFrameFaults(): void {
  const noted = faults;
  faults = [];
  if (noted.length > 0) throw new Error(`docs/asyncapi.json does not have:\n${noted.slice(0, 5).join('\n')}`);
}

/** Judges all frames that come over a socket, and each SEND once its RECEIPT says that it was taken. */
export function watchFrames(socket: WebSocket): void {
  const [incoming, outgoing] = [new FrameParser(LIMITS), new FrameParser(LIMITS)];
  const unanswered = new Map<string, StompFrame>();
  const send = socket.send.bind(socket);
  socket.send = (bytes: string | Buffer, ...rest: never[]) => {
    for (const frame of framesIn(outgoing, Buffer.from(bytes))) {
      const receipt = frame.command === 'SEND' ? headerOf(frame, 'receipt') : undefined;
      if (receipt !== undefined) unanswered.set(receipt, frame);
    }
    send(bytes, ...rest);
  };
  socket.on('message', (bytes: Buffer) => {
    for (const frame of framesIn(incoming, bytes)) {
      noteFrame(frame);
      if (frame.command === 'CONNECTED') {
        const version = STOMP_VERSIONS.find((each) => each === headerOf(frame, 'version')) ?? '1.0';
        for (const parser of [incoming, outgoing]) parser.setVersion(version);
      }
      if (frame.command !== 'RECEIPT') continue;
      const receipt = headerOf(frame, 'receipt-id') ?? '';
      const taken = unanswered.get(receipt);
      unanswered.delete(receipt);
      if (taken !== undefined && headerOf(frame, 'aborted') === undefined) note(judge.taken(taken));
    }
  });
}

function* framesIn(parser: FrameParser, bytes: Uint8Array): Iterable<StompFrame> {
  parser.push(bytes);
  for (let event = parser.next(); event !== null; event = parser.next()) if (event !== HEART_BEAT) yield event;
}
