import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { ChatError, ConfigError } from '@chat/service-kit';
import { JwksClient, SigningKeyNotFoundError } from 'jwks-rsa';
import { SECRET_MIN_BYTES, type TokenAlgorithm } from './settings.ts';

/** Longest wait for the whole key set, in ms. */
const JWKS_TIMEOUT_MS = 2_000;
/** How long a key of the set is used without asking again, in ms. */
const JWKS_CACHE_MAX_AGE_MS = 600_000;
const JWKS_CACHE_MAX_KEYS = 16;
/** Requests for the key set at most, so that made-up key ids do not become load on the issuer. */
const JWKS_REQUESTS_PER_MINUTE = 10;

export interface KeySourceConfig {
  readonly jwtSecret?: string | undefined;
  readonly jwtPublicKey?: string | undefined;
  readonly jwtJwksUrl?: string | undefined;
}

/** The key that a token of this algorithm, and this key id if it names one, must have been signed with. */
export type KeySource = (keyId: string | undefined) => KeyObject | Promise<KeyObject>;

/**
 * The key source of one algorithm. The algorithm, not the token, decides the kind of key, so that a public key can never
 * serve as an HMAC secret. Throws a ConfigError where the configuration has no fitting key.
 */
export function createKeySource(algorithm: TokenAlgorithm, config: KeySourceConfig): KeySource {
  if (algorithm === 'HS256') return secretSource(config.jwtSecret);
  if (config.jwtPublicKey !== undefined) return publicKeySource(algorithm, config.jwtPublicKey);
  if (config.jwtJwksUrl !== undefined) return jwksSource(config.jwtJwksUrl);
  throw new ConfigError([`JWT_ALGORITHMS names ${algorithm}, which needs JWT_PUBLIC_KEY or JWT_JWKS_URL`]);
}

/** A KeyObject is made once: from a string, jsonwebtoken would make one for every token. */
function secretSource(secret: string | undefined): KeySource {
  if (secret === undefined) throw new ConfigError(['JWT_ALGORITHMS names HS256, which needs JWT_SECRET']);
  if (Buffer.byteLength(secret) < SECRET_MIN_BYTES) {
    throw new ConfigError([`JWT_SECRET must have at least ${SECRET_MIN_BYTES} bytes`]);
  }
  const key = createSecretKey(secret, 'utf8');
  return () => key;
}

const KEY_TYPES = { RS256: 'rsa', ES256: 'ec' } as const;

function publicKeySource(algorithm: 'RS256' | 'ES256', pem: string): KeySource {
  const key = publicKeyOf(pem);
  if (key?.asymmetricKeyType !== KEY_TYPES[algorithm]) {
    throw new ConfigError([`JWT_PUBLIC_KEY is no PEM public key for ${algorithm}`]);
  }
  return () => key;
}

/** Environment files often carry a PEM on one line with `\n` written out. */
function publicKeyOf(pem: string): KeyObject | null {
  try {
    return createPublicKey(pem.replaceAll('\\n', '\n'));
  } catch {
    return null; // the caller says which variable is at fault; OpenSSL's words would help nobody
  }
}

function jwksSource(jwksUri: string): KeySource {
  const client = new JwksClient({
    jwksUri,
    fetcher: fetchKeySet,
    cache: true,
    cacheMaxAge: JWKS_CACHE_MAX_AGE_MS,
    cacheMaxEntries: JWKS_CACHE_MAX_KEYS,
    rateLimit: true,
    jwksRequestsPerMinute: JWKS_REQUESTS_PER_MINUTE,
  });
  const keys = new Map<string, KeyObject>();
  return async (keyId) => {
    const pem = await signingKeyOf(client, keyId);
    const known = keys.get(pem);
    if (known !== undefined) return known;
    if (keys.size >= JWKS_CACHE_MAX_KEYS) keys.clear();
    const key = createPublicKey(pem);
    keys.set(pem, key);
    return key;
  };
}

/** jwks-rsa's own request ends only when nothing comes for a while: not when bytes drip, nor when the answer breaks off. */
async function fetchKeySet(url: string): Promise<{ keys: unknown }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(JWKS_TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new Error(`the key set was answered with ${response.status}`);
  return (await response.json()) as { keys: unknown }; // jwks-rsa judges what is in it
}

async function signingKeyOf(client: JwksClient, keyId: string | undefined): Promise<string> {
  try {
    return (await client.getSigningKey(keyId)).getPublicKey();
  } catch (error) {
    if (error instanceof SigningKeyNotFoundError) {
      throw new ChatError('UNAUTHENTICATED', { message: 'The token names an unknown key.', cause: error });
    }
    throw new ChatError('UNAVAILABLE', { message: 'The keys of the tokens cannot be fetched.', cause: error });
  }
}
