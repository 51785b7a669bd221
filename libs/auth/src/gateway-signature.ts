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

/** How long a request that changes nothing may come again after its first time where it has no nonce, in ms. */
const REPEAT_MS = 2_000;

/** A signature that proves who is spoken for, until it has been used. */
export interface GatewayProof {
  /** The same for the same request, and for no other. */
  readonly id: string;
  readonly hasNonce: boolean;
}

const SIGNATURE = /^([A-Za-z0-9_-]{1,64})\.([0-9]{1,12})\.(?:([A-Za-z0-9_-]{8,64})\.)?([0-9a-f]{64})$/;

/**
 * Whether `X-Gateway-Signature` proves that the API gateway wrote `X-User-UserId` (DESIGN §3.1):
 * `<key id>.<unix seconds>.<hex HMAC-SHA256 over "<method>\n<path and query>\n<user id>\n<unix seconds>">`, at most 30 s
 * away from `nowMs`. With a nonce, `<key id>.<unix seconds>.<nonce>.<hex>`, the last line of what is signed is `<unix seconds>.<nonce>`. Compares in
 * constant time; null for anything else, never an error.
 */
export function verifyGatewaySignature(
  signature: string,
  request: SignedRequest,
  options: { readonly keys: ReadonlyMap<string, string>; readonly nowMs: number },
): GatewayProof | null {
  const [, keyId, seconds, nonce, hex] = SIGNATURE.exec(signature) ?? [];
  if (keyId === undefined || seconds === undefined || hex === undefined) return null;
  const key = options.keys.get(keyId);
  if (key === undefined) return null;
  if (Math.abs(options.nowMs / 1000 - Number(seconds)) > GATEWAY_SIGNATURE_MAX_SKEW_SECONDS) return null;
  const isRight = timingSafeEqual(Buffer.from(hex, 'hex'), hmacOf(key, request, seconds, nonce));
  return isRight ? { id: hex, hasNonce: nonce !== undefined } : null;
}

/**
 * Whether a proof that was first used at `firstUsedAt` must not be used now; null where it never was. One without a nonce is the same
 * for equal requests of one second, which a page of two tabs makes: those that change nothing may come again for a moment.
 */
export function isReplay(
  { hasNonce }: GatewayProof,
  {
    method,
    firstUsedAt,
    nowMs,
  }: { readonly method: string; readonly firstUsedAt: number | null; readonly nowMs: number },
): boolean {
  if (firstUsedAt === null) return false;
  const mayRepeat = !hasNonce && (method === 'GET' || method === 'HEAD');
  return !mayRepeat || nowMs - firstUsedAt > REPEAT_MS;
}

function hmacOf(
  key: string,
  { method, pathAndQuery, userId }: SignedRequest,
  seconds: string,
  nonce: string | undefined,
): Buffer {
  const time = nonce === undefined ? seconds : `${seconds}.${nonce}`; // on one line: no text is signed in both forms
  return createHmac('sha256', key).update(`${method}\n${pathAndQuery}\n${userId}\n${time}`).digest();
}
