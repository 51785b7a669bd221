const ZERO = 0x30;
/** Digits of 2^53−1. */
const DIGITS_MAX = 16;

/**
 * The number from 1 to 2^53−1 whose decimal digits these bytes are, without sign, space or leading zero; else 0. So two
 * ids are the same exactly where their texts are.
 */
export function decimalOf(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length < 1 || length > DIGITS_MAX || bytes[from] === ZERO) return 0;
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return 0;
    number = number * 10 + digit;
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : 0;
}

/** The index behind the digits that begin here. */
export function digitsEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && isDigit(bytes[at] ?? 0)) at += 1;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}
