/** The four bytes from `at` as one signed word. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

/** The at most three bytes from `from` to before `to` as one word. */
export function restAt(bytes: Uint8Array, from: number, to: number): number {
  let word = 0;
  for (let at = from; at < to; at += 1) word |= (bytes[at] ?? 0) << ((at - from) << 3);
  return word;
}
