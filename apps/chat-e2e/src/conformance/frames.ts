/** Frames that many clauses speak of, byte for byte. */

import { CONTENT_MARK, marked } from '../clients/content.ts';

/** Heart-beats of the shared chat, each way, in ms: short, since clauses wait for them. */
export const OUR_BEAT_MS = 2_000;
/** Messages of a subscription that may await ACK in the shared chat: few, so that clauses can reach it. */
export const MAX_UNACKNOWLEDGED = 3;

export const CONNECTED = `CONNECTED\nversion:<version>\nheart-beat:${OUR_BEAT_MS},${OUR_BEAT_MS}\nsession:<session>\nserver:chat-service\nuser-name:<user>\n\n\0`;

/** A SEND that changes nothing; answered at once. */
export const PING = 'SEND\ndestination:/app/heartbeat\nreceipt:r1\n\n\0';
export const R1 = 'RECEIPT\nreceipt-id:r1\n\n\0';

export const LISTEN_FOR_PONGS = 'SUBSCRIBE\nid:0\ndestination:/user/queue/heartbeatReply\nreceipt:s0\n\n\0';
export const S0 = 'RECEIPT\nreceipt-id:s0\n\n\0';
export const LISTEN_FOR_ERRORS = 'SUBSCRIBE\nid:errors\ndestination:/user/queue/errors\nreceipt:s0\n\n\0';

/** A SUBSCRIBE to the room, with further header lines. */
export function enterRoom(id: string, headers = ''): string {
  return `SUBSCRIBE\nid:${id}\ndestination:/topic/chat_rooms/<room>\n${headers}receipt:s${id}\n\n\0`;
}

/** Live, and nothing was missed. */
export function entered(id: string): string {
  return `RECEIPT\nreceipt-id:s${id}\nrecovered:true\n\n\0`;
}

/** Body of a SEND to a room. */
export function saying(text: string): string {
  return `{"content":"${marked(text)}"}`;
}

/** A SEND to the room, with further header lines. */
export function sendToRoom(text: string, headers = ''): string {
  return `SEND\ndestination:/app/chat.send/<room>\n${headers}\n${saying(text)}\0`;
}

/** RECEIPT of a SEND to a room; placeholders name the message. */
export function published(receiptId: string, message: string): string {
  return `RECEIPT\nreceipt-id:${receiptId}\nmessage-id:<${message}>\n\n\0`;
}

/** What stands on a MESSAGE of the room behind its content-type. */
export interface MessageLines {
  /** Header lines before content-length. */
  readonly before?: string;
  /** Header lines behind content-length; `subscription:0` where left out. */
  readonly behind?: string;
}

/** A MESSAGE of the room; placeholders name the message. */
export function messageOf(message: string, text: string, lines: MessageLines = {}): string {
  const { before = '', behind = 'subscription:0\n' } = lines;
  const head = `destination:/topic/chat_rooms/<room>\nmessage-id:<${message}>\ncontent-type:application/json\n`;
  const body = `{"id":<${message}>,"senderId":<user>,"roomId":<room>,"content":"${marked(text)}","type":"GROUP","timestamp":"<at-${message}>"}`;
  return `MESSAGE\n${head}${before}content-length:<length>\n${behind}\n${body}\0`;
}

/** A pong, with header lines behind its content-length; `subscription:0` where left out. */
export function pong(behind = 'subscription:0\n'): string {
  return `MESSAGE\ndestination:/user/queue/heartbeatReply\nmessage-id:<pong>\ncontent-type:application/json\ncontent-length:<length>\n${behind}\n{"type":"PONG","at":"<at>"}\0`;
}

export interface ErrorOptions {
  readonly receiptId?: string;
  /** The message as the header has it, where it must be escaped there. */
  readonly header?: string;
  /** Header lines behind content-type. */
  readonly behind?: string;
}

export function error(code: string, message: string, options: ErrorOptions = {}): string {
  const { receiptId, header = message, behind = '' } = options;
  const receipt = receiptId === undefined ? '' : `receipt-id:${receiptId}\n`;
  return `ERROR\nmessage:${header}\ncode:${code}\n${receipt}content-type:text/plain\n${behind}content-length:<length>\n\n${message}\0`;
}

/** What the error queue says; the placeholder names the MESSAGE. */
export function refusal(message: string, body: string): string {
  return `MESSAGE\ndestination:/user/queue/errors\nmessage-id:<${message}>\ncontent-type:application/json\ncontent-length:<length>\nsubscription:errors\n\n${body}\0`;
}

/** The same of a SEND to the room whose body is no JSON; the receipt as JSON text. */
export function invalidJson(receiptId: string): string {
  const body = `{"code":"INVALID_JSON","message":"The body is not valid JSON.","receiptId":${receiptId},"destination":"/app/chat.send/<room>","retryable":false}`;
  return refusal('refusal', body);
}

/** A SEND to the room that is refused, since its body is no JSON; with further header lines. */
export function sendNonsense(headers = ''): string {
  return `SEND\ndestination:/app/chat.send/<room>\n${headers}\n${CONTENT_MARK}\0`;
}
