import type { ProtocolErrorCode } from './protocol-error.ts';

/** Bounds of what a parser accepts, and therefore of what it ever holds. Each refusal names its limit. */
export interface FrameLimits {
  /** Bytes of a whole frame, from the first of its command to its NUL. Over it: FRAME_TOO_LARGE. */
  readonly maxFrameBytes: number;
  /** Bytes of a command without its end of line. Over it: COMMAND_TOO_LONG. */
  readonly maxCommandBytes: number;
  /** Bytes of one header line, escapes included, without its end of line. Over it: HEADER_TOO_LONG. */
  readonly maxHeaderBytes: number;
  /** Header lines of a frame, repeated ones included. Over it: TOO_MANY_HEADERS. */
  readonly maxHeaderCount: number;
  /** Bytes of a body. By default the frame's own limit comes first. Over it: BODY_TOO_LARGE. */
  readonly maxBodyBytes: number;
  /** Bytes of chunks that wait because nobody took their frames yet. Over it: BACKLOG_TOO_LARGE. */
  readonly maxBacklogBytes: number;
}

export const DEFAULT_FRAME_LIMITS: FrameLimits = {
  maxFrameBytes: 65_536,
  maxCommandBytes: 32,
  maxHeaderBytes: 8_192,
  maxHeaderCount: 64,
  maxBodyBytes: 65_536,
  maxBacklogBytes: 1_048_576,
};

/** What each limit counts, and the error of who goes over it. */
export const FRAME_LIMIT_RULES: Readonly<Record<keyof FrameLimits, { error: ProtocolErrorCode; counts: string }>> = {
  maxFrameBytes: { error: 'FRAME_TOO_LARGE', counts: 'bytes of a frame from its command to its NUL' },
  maxCommandBytes: { error: 'COMMAND_TOO_LONG', counts: 'bytes of the command without its end of line' },
  maxHeaderBytes: { error: 'HEADER_TOO_LONG', counts: 'bytes of a header line, escapes included, without its end' },
  maxHeaderCount: { error: 'TOO_MANY_HEADERS', counts: 'header lines of a frame, repeated ones included' },
  maxBodyBytes: { error: 'BODY_TOO_LARGE', counts: 'bytes of a body' },
  maxBacklogBytes: { error: 'BACKLOG_TOO_LARGE', counts: 'bytes of pushed chunks of which nobody took the frames' },
};
