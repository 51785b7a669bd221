import type { ChatErrorCode } from '@chat/dto';
import { createFrame, headerOf, type ProtocolErrorCode, type StompFrame } from '@chat/stomp';
import type { SessionErrorCode } from './session-errors.ts';

/** RECEIPT for a client frame, with whatever the outcome adds, such as `message-id`. */
export function receiptFrame(receiptId: string, headers: Readonly<Record<string, string>>): StompFrame {
  return createFrame('RECEIPT', { 'receipt-id': receiptId, ...headers });
}

export interface ErrorFrameHeaders {
  readonly code: SessionErrorCode | ProtocolErrorCode | ChatErrorCode;
  readonly receiptId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** ERROR with `message`, the code, the receipt id of the frame at fault where known, and the sentence as its body. */
export function errorFrame(message: string, about: ErrorFrameHeaders): StompFrame {
  return createFrame(
    'ERROR',
    {
      message,
      code: about.code,
      'receipt-id': about.receiptId,
      'content-type': 'text/plain',
      ...about.headers,
    },
    message,
  );
}

/** The token of `Authorization: Bearer <JWT>` on CONNECT; header names are case-sensitive in STOMP, but people are not. */
export function bearerTokenOf(frame: StompFrame): string | undefined {
  const header = headerOf(frame, 'Authorization') ?? headerOf(frame, 'authorization');
  return header === undefined ? undefined : /^Bearer +(\S+)$/i.exec(header)?.[1];
}
