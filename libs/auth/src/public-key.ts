import type { KeyObject } from 'node:crypto';

/** Shortest RSA key, in bits (RFC 7518 §3.3). */
export const RSA_MIN_BITS = 2_048;

/** Whether an RSA key is too short; those of curves never are. */
export function isTooShort({ asymmetricKeyDetails }: KeyObject): boolean {
  return (asymmetricKeyDetails?.modulusLength ?? RSA_MIN_BITS) < RSA_MIN_BITS;
}
