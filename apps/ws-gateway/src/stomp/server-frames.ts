import { createFrame, headerOf, type StompFrame } from '@chat/stomp';

/** RECEIPT for a client frame, with whatever the outcome adds, such as `message-id`. */
export function receiptFrame(receiptId: string, headers: Readonly<Record<string, string>>): StompFrame {
  return createFrame('RECEIPT', { 'receipt-id': receiptId, ...headers });
}

/** ERROR with `message`, the code, the receipt id of the frame at fault where known, and the sentence as its body. */
export function errorFrame(
  message: string,
  about: { code: string; receiptId?: string | undefined; headers?: Readonly<Record<string, string>> },
): StompFrame {
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
