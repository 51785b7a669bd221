/** Every way in which bytes fail to be a STOMP frame. */
export const PROTOCOL_ERROR_CODES = [
  'FRAME_TOO_LARGE',
  'HEADER_TOO_LONG',
  'TOO_MANY_HEADERS',
  'MALFORMED_FRAME',
  'MALFORMED_HEADER',
  'UNDEFINED_ESCAPE',
  'BAD_CONTENT_LENGTH',
  'BODY_NOT_ALLOWED',
  'INVALID_UTF8',
  'UNREPRESENTABLE',
] as const;
export type ProtocolErrorCode = (typeof PROTOCOL_ERROR_CODES)[number];

/** The codec's only error. `receiptId` is the receipt header of the frame at fault, where it was read before the fault. */
export class StompProtocolError extends Error {
  override readonly name = 'StompProtocolError';
  readonly code: ProtocolErrorCode;
  readonly receiptId: string | undefined;

  constructor(code: ProtocolErrorCode, message: string, receiptId?: string) {
    super(message);
    this.code = code;
    this.receiptId = receiptId;
  }
}
