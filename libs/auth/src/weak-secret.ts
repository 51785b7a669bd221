/** Words of secrets that stand in examples and sample configurations. */
const SAMPLE_WORDS =
  /secret|password|passwd|change[-_ ]?me|example|sample|default|insecure|your[-_ ]?(256|key)|test[-_ ]?key/i;
/** Fewest different characters. */
const DISTINCT_MIN = 10;
/** Longest run of characters of which each follows the one before it in the alphabet, or goes before it. */
const RUN_MAX = 8;
/** Least entropy of the characters as they are spread, in bits: a random text of 32 hexadecimal digits has about 115. */
const ENTROPY_MIN_BITS = 96;

/** Why nobody should rely on a shared secret; null where nothing speaks against it. Never repeats any of it. */
export function weaknessOf(secret: string): string | null {
  if (SAMPLE_WORDS.test(secret)) return 'is one of examples: it contains a word such as "secret" or "changeme"';
  if (new Set(secret).size < DISTINCT_MIN) return `has fewer than ${DISTINCT_MIN} different characters`;
  if (isRepetition(secret)) return 'repeats a shorter text';
  if (longestRun(secret) > RUN_MAX) return 'has a run of the alphabet or of digits in it';
  if (entropyBits(secret) < ENTROPY_MIN_BITS) return 'is too easily guessed';
  return null;
}

/** A text of n copies stands in its own double before its end. */
function isRepetition(text: string): boolean {
  return (text + text).indexOf(text, 1) < text.length;
}

function longestRun(text: string): number {
  let [longest, length, step] = [1, 1, 0];
  for (let at = 1; at < text.length; at += 1) {
    const difference = text.charCodeAt(at) - text.charCodeAt(at - 1);
    length = Math.abs(difference) === 1 ? (difference === step ? length + 1 : 2) : 1;
    step = difference;
    longest = Math.max(longest, length);
  }
  return longest;
}

function entropyBits(text: string): number {
  const counts = Map.groupBy(text, (character) => character);
  let bits = 0;
  for (const { length } of counts.values()) bits -= length * Math.log2(length / text.length);
  return bits;
}
