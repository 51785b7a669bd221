/** Bytes of every contestant's WebSocket frame, header included: the figures of the issue are for this size. */
const FRAME_BYTES = 316;
/** Of a frame of 126 to 65,535 bytes. */
const WEBSOCKET_HEADER_BYTES = 4;
/** Ids of messages all have 16 digits, so that all frames are of one size. */
const FIRST_ID = 1e15;
const AT = '2026-01-01T00:00:00Z';

/** A `MessageDTO` without its brands, whose content the swarm can read. */
export interface MarkedMessage {
  readonly id: number;
  readonly senderId: number;
  readonly roomId: number;
  readonly content: string;
  readonly type: 'GROUP';
  readonly timestamp: string;
}

/** What the swarm reads in a content (native/swarm.c); `intendedUs` is 0 where latency is not measured. */
export function markOf(roomId: number, sequence: number, intendedUs = 0): string {
  return `@${padded(roomId, 4)}.${padded(sequence, 8)}.${padded(intendedUs, 12)}`;
}

/** The nth message, from 0. Its content begins as given and fills a frame that has so many bytes beside the message's JSON. */
export function markedMessage(n: number, roomId: number, begin: string, overheadBytes: number): MarkedMessage {
  const message = { id: FIRST_ID + n, senderId: 1, roomId, content: begin, type: 'GROUP', timestamp: AT } as const;
  const fillBytes = FRAME_BYTES - WEBSOCKET_HEADER_BYTES - overheadBytes - JSON.stringify(message).length;
  return fillBytes > 0 ? { ...message, content: begin + 'x'.repeat(fillBytes) } : message;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
