import { createHmac, sign, type KeyObject } from 'node:crypto';

/** The shared secret of specs. */
export const TEST_JWT_SECRET = 'a-secret-of-the-specs-with-more-than-32-bytes';

/** What a token says. */
export interface TokenClaims {
  /** `sub`; a number is written as text, as RFC 7519 wants it. */
  readonly userId?: number | string;
  /** Seconds from now to `exp`; null leaves `exp` out. */
  readonly expiresInSeconds?: number | null;
  /** Further claims; they win over the others. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface TokenOptions extends TokenClaims {
  readonly secret?: string;
  /** `alg` of the header; `none` makes an unsigned token. */
  readonly algorithm?: 'HS256' | 'HS384' | 'none';
}

/** A JSON Web Token made by hand, not by the library that the verifier uses. Valid for an hour where nothing else is said. */
export function createToken(options: TokenOptions = {}): string {
  const { secret = TEST_JWT_SECRET, algorithm = 'HS256' } = options;
  const signed = unsignedToken({ alg: algorithm }, options);
  if (algorithm === 'none') return `${signed}.`;
  const hash = algorithm === 'HS256' ? 'sha256' : 'sha384';
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

/** Who signs with the private key of a pair. */
export interface TokenSigner {
  readonly algorithm: 'RS256' | 'ES256';
  readonly privateKey: KeyObject;
  /** Further fields of the header, such as `kid`. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** The same, signed with a private key. */
export function createSignedToken({ algorithm, privateKey, header }: TokenSigner, options: TokenClaims = {}): string {
  const signed = unsignedToken({ alg: algorithm, ...header }, options);
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** Header and payload, as they are signed. */
function unsignedToken(header: { readonly alg: string }, options: TokenClaims): string {
  const { userId = 1, expiresInSeconds = 3600, claims } = options;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const payload = {
    sub: String(userId),
    iat: nowSeconds,
    ...(expiresInSeconds !== null && { exp: nowSeconds + expiresInSeconds }),
    ...claims,
  };
  return `${base64url({ ...header, typ: 'JWT' })}.${base64url(payload)}`;
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
