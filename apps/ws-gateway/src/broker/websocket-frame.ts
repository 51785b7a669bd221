/** Opcode of an unfragmented text message, RFC 6455 §5.2: FIN and 0x1. */
const FIN_TEXT = 0x81;

/**
 * One WebSocket text frame as a server sends it, unmasked and unfragmented, with its header written and so many bytes behind
 * it for a payload of UTF-8. Serializers write to the end of it, so that nothing is copied; it may go to any number of sockets.
 */
export function allocateTextFrame(byteLength: number): Buffer {
  const headerLength = byteLength < 126 ? 2 : byteLength < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + byteLength);
  writeHeader(frame, headerLength, byteLength);
  return frame;
}

function writeHeader(frame: Buffer, headerLength: number, byteLength: number): void {
  frame[0] = FIN_TEXT;
  if (headerLength === 2) frame[1] = byteLength;
  else if (headerLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(byteLength, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(byteLength), 2);
  }
}
