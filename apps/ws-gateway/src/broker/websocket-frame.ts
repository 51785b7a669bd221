/** Opcode of an unfragmented text message, RFC 6455 §5.2: FIN and 0x1. */
const FIN_TEXT = 0x81;

/**
 * One WebSocket text frame around a payload of UTF-8, as a server sends it: unmasked and unfragmented. Built once, it
 * may be written to any number of sockets. `serialize` writes the payload into memory that it is given right behind the
 * header, so that nothing is copied.
 */
export function textFrame(serialize: (allocate: (byteLength: number) => Uint8Array) => Uint8Array): Buffer {
  let frame = Buffer.alloc(0);
  serialize((byteLength) => {
    const headerLength = byteLength < 126 ? 2 : byteLength < 65_536 ? 4 : 10;
    frame = Buffer.allocUnsafe(headerLength + byteLength);
    writeHeader(frame, headerLength, byteLength);
    return frame.subarray(headerLength);
  });
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
