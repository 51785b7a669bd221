/** Every way in which bytes fail to be a STOMP frame, or a frame fails to be bytes, with its meaning. */
export const PROTOCOL_ERRORS = {
  FRAME_TOO_LARGE: 'The frame has more bytes than the limit.',
  COMMAND_TOO_LONG: 'The line of the frame command has more bytes than the limit.',
  HEADER_TOO_LONG: 'A header line has more bytes than the limit.',
  TOO_MANY_HEADERS: 'The frame has more header lines than the limit.',
  BODY_TOO_LARGE: 'The body has more bytes than the limit.',
  BACKLOG_TOO_LARGE: 'More bytes came than were taken as frames in time.',
  MALFORMED_FRAME: 'The frame ends before the empty line behind its headers.',
  UNKNOWN_COMMAND: 'The version has no such frame command.',
  MALFORMED_HEADER: 'A header line is not a name, a colon and a value.',
  UNDEFINED_ESCAPE: 'A header has an escape sequence that the version does not define.',
  BAD_CONTENT_LENGTH: 'content-length is no number of bytes, or no NUL follows that many.',
  BODY_NOT_ALLOWED: 'Frames of this command must not have a body.',
  INVALID_UTF8: 'The command or a header is not UTF-8.',
  UNREPRESENTABLE: 'The version has no bytes for what the frame says.',
} as const;
export type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

/**
 * The codec's only error. The message is a sentence for the client and names the limit where there is one. `receiptId`
 * is the `receipt` header of the frame at fault, where its line came before the fault or in the same head.
 */
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
