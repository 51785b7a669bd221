/** Bounds of what a parser accepts and therefore of what it ever holds. */
export interface FrameLimits {
  /** Bytes of a whole frame, from the first of its command to its NUL. */
  readonly maxFrameBytes: number;
  /** Bytes of one header line without its end of line; also of the command. */
  readonly maxHeaderBytes: number;
  /** Header lines of a frame. */
  readonly maxHeaderCount: number;
}

export const DEFAULT_FRAME_LIMITS: FrameLimits = {
  maxFrameBytes: 65_536,
  maxHeaderBytes: 8_192,
  maxHeaderCount: 64,
};
