/** Opcode of an unfragmented text message, RFC 6455 §5.2: FIN and 0x1. */
const FIN_TEXT = 0x81;

/**
 * One WebSocket text frame around a payload of UTF-8, as a server sends it: unmasked and unfragmented. Built once, it
 * may be written to any number of sockets.
 */
export function textFrame(payload: Uint8Array): Buffer {
  const length = payload.length;
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = FIN_TEXT;
  if (headerLength === 2) frame[1] = length;
  else if (headerLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.set(payload, headerLength);
  return frame;
}
