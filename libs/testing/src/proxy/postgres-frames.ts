import type { FrameHead, ReadHead } from './frame-splitter.ts';

/** A message of the PostgreSQL protocol, as the client sends it or the server replies. */
export interface PostgresFrame {
  readonly direction: 'request' | 'reply';
  /**
   * `Q` query, `P` parse, `B` bind, `E` execute, `S` sync; `C` command complete, `Z` ready. Messages without a letter are
   * `startup`, and `answer` is the one byte that tells whether the server speaks TLS.
   */
  readonly type: string;
  /** The first bytes of its body, at most 256; of a query or parse its SQL is among them. */
  readonly start: Buffer;
}

const LENGTH_BYTES = 4;
const MAX_START_BYTES = 256;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;

/**
 * Reads the heads of both directions of one connection without TLS. Source: PostgreSQL manual, "Message Formats": a
 * letter, then an int32 length that counts itself; before its first letter a client sends messages without one.
 */
export function postgresHeads(): {
  readonly request: ReadHead<PostgresFrame>;
  readonly reply: ReadHead<PostgresFrame>;
} {
  let hasStarted = false;
  let isAnswerDue = false;
  return {
    request: (bytes) => {
      if (hasStarted) return readTyped(bytes, 'request');
      const head = readBody(bytes, 0, 'request', 'startup');
      if (head === null || head.frame.start.length < LENGTH_BYTES) return head;
      const code = head.frame.start.readInt32BE(0);
      isAnswerDue = code === SSL_REQUEST || code === GSS_REQUEST;
      hasStarted = !isAnswerDue;
      return head;
    },
    reply: (bytes) => {
      if (!isAnswerDue) return readTyped(bytes, 'reply');
      isAnswerDue = false;
      return { frame: { direction: 'reply', type: 'answer', start: bytes.subarray(0, 1) }, byteCount: 1 };
    },
  };
}

function readTyped(bytes: Buffer, direction: PostgresFrame['direction']): FrameHead<PostgresFrame> | null {
  return readBody(bytes, 1, direction, String.fromCharCode(bytes[0] ?? 0));
}

/** `lengthAt` is where the length stands, which counts itself and what follows. */
function readBody(
  bytes: Buffer,
  lengthAt: number,
  direction: PostgresFrame['direction'],
  type: string,
): FrameHead<PostgresFrame> | null {
  const bodyAt = lengthAt + LENGTH_BYTES;
  if (bytes.length < bodyAt) return null;
  const byteCount = lengthAt + Math.max(bytes.readInt32BE(lengthAt), LENGTH_BYTES);
  const startEnd = Math.min(byteCount, bodyAt + MAX_START_BYTES);
  if (bytes.length < startEnd) return null;
  return { frame: { direction, type, start: bytes.subarray(bodyAt, startEnd) }, byteCount };
}
