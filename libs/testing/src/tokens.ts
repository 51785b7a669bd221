import { createHmac } from 'node:crypto';

/** The shared secret of specs. */
export const TEST_JWT_SECRET = 'a-secret-of-the-specs-with-more-than-32-bytes';

export interface TokenOptions {
  /** `sub`; a number is written as text, as RFC 7519 wants it. */
  readonly userId?: number | string;
  readonly secret?: string;
  /** `alg` of the header; `none` makes an unsigned token. */
  readonly algorithm?: 'HS256' | 'HS384' | 'none';
  /** Seconds from now to `exp`; null leaves `exp` out. */
  readonly expiresInSeconds?: number | null;
  /** Further claims; they win over the others. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A JSON Web Token made by hand, not by the library that the verifier uses. Valid for an hour where nothing else is said. */
export function createToken(options: TokenOptions = {}): string {
  const { userId = 1, secret = TEST_JWT_SECRET, algorithm = 'HS256', expiresInSeconds = 3600, claims } = options;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const payload = {
    sub: String(userId),
    iat: nowSeconds,
    ...(expiresInSeconds !== null && { exp: nowSeconds + expiresInSeconds }),
    ...claims,
  };
  const signed = `${base64url({ alg: algorithm, typ: 'JWT' })}.${base64url(payload)}`;
  if (algorithm === 'none') return `${signed}.`;
  const hash = algorithm === 'HS256' ? 'sha256' : 'sha384';
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

/** The value of an Authorization header for this user. */
export function bearer(userId: number, username = `name-of-${userId}`): string {
  return `Bearer ${createToken({ userId, claims: { username } })}`;
}

export interface GatewaySignatureOptions {
  readonly keyId: string;
  readonly key: string;
  readonly method: string;
  readonly pathAndQuery: string;
  readonly userId: number | string;
  readonly unixSeconds?: number;
  /** Makes it good for one use; none by default. */
  readonly nonce?: string;
}

/** `X-Gateway-Signature` as an API gateway would write it (DESIGN §3.1). */
export function createGatewaySignature(options: GatewaySignatureOptions): string {
  const { keyId, key, method, pathAndQuery, userId, unixSeconds = Math.floor(Date.now() / 1000), nonce } = options;
  const time = nonce === undefined ? String(unixSeconds) : `${unixSeconds}.${nonce}`;
  const text = `${method}\n${pathAndQuery}\n${userId}\n${time}`;
  return `${keyId}.${time}.${createHmac('sha256', key).update(text).digest('hex')}`;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
