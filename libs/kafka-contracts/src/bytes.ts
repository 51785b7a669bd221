/** The four bytes from `at` as one signed word, the first of them lowest. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

/** The at most three bytes from `from` to before `to` as one word, the first of them lowest. */
export function restAt(bytes: Uint8Array, from: number, to: number): number {
  let word = 0;
  for (let at = from; at < to; at += 1) word |= (bytes[at] ?? 0) << ((at - from) << 3);
  return word;
}

/** Whether these bytes stand there as a whole. */
export function hasAt(bytes: Uint8Array, from: number, expected: Uint8Array): boolean {
  const { length } = expected;
  if (from + length > bytes.length) return false;
  for (let index = 0; index < length; index += 1) {
    if (bytes[from + index] !== expected[index]) return false;
  }
  return true;
}
