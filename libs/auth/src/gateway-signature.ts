import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the gateway's clock may be from ours, in seconds. */
export const GATEWAY_SIGNATURE_MAX_SKEW_SECONDS = 30;

/** What the API gateway signs: a request and the user it speaks for. */
export interface SignedRequest {
  readonly method: string;
  /** As in the request line: path and query, undecoded. */
  readonly pathAndQuery: string;
  /** Text of `X-User-UserId`. */
  readonly userId: string;
}

const SIGNATURE = /^([A-Za-z0-9_-]{1,64})\.([0-9]{1,12})\.([0-9a-f]{64})$/;

/**
 * Whether `X-Gateway-Signature` proves that the API gateway wrote `X-User-UserId` (DESIGN §3.1):
 * `<key id>.<unix seconds>.<hex HMAC-SHA256 over "<method>\n<path and query>\n<user id>\n<unix seconds>">`, at most 30 s
 * away from `nowMs`. Compares in constant time; false for anything else, never an error.
 */
export function verifyGatewaySignature(
  signature: string,
  request: SignedRequest,
  options: { readonly keys: ReadonlyMap<string, string>; readonly nowMs: number },
): boolean {
  const [, keyId, seconds, hex] = SIGNATURE.exec(signature) ?? [];
  if (keyId === undefined || seconds === undefined || hex === undefined) return false;
  const key = options.keys.get(keyId);
  if (key === undefined) return false;
  if (Math.abs(options.nowMs / 1000 - Number(seconds)) > GATEWAY_SIGNATURE_MAX_SKEW_SECONDS) return false;
  return timingSafeEqual(Buffer.from(hex, 'hex'), hmacOf(key, request, seconds));
}

function hmacOf(key: string, { method, pathAndQuery, userId }: SignedRequest, seconds: string): Buffer {
  return createHmac('sha256', key).update(`${method}\n${pathAndQuery}\n${userId}\n${seconds}`).digest();
}
