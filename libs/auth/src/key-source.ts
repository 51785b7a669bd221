import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { ConfigError, systemClock, type Clock } from '@chat/service-kit';
import { KeySet } from './key-set.ts';
import { isTooShort, RSA_MIN_BITS } from './public-key.ts';
import { SECRET_MIN_BYTES, type TokenAlgorithm } from './settings.ts';

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
export function createKeySource(
  algorithm: TokenAlgorithm,
  config: KeySourceConfig,
  keySet: KeySet | undefined = keySetOf(config),
): KeySource {
  if (algorithm === 'HS256') return secretSource(config.jwtSecret);
  if (config.jwtPublicKey !== undefined) return publicKeySource(algorithm, config.jwtPublicKey);
  if (keySet !== undefined) return (keyId) => keySet.find(keyId);
  throw new ConfigError([`JWT_ALGORITHMS names ${algorithm}, which needs JWT_PUBLIC_KEY or JWT_JWKS_URL`]);
}

/** The key set of the configuration, one for all algorithms, so that its issuer is asked once; undefined where it names none. */
export function keySetOf({ jwtJwksUrl }: KeySourceConfig, clock: Clock = systemClock): KeySet | undefined {
  return jwtJwksUrl === undefined ? undefined : new KeySet(jwtJwksUrl, clock);
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
  if (isTooShort(key)) {
    throw new ConfigError([`JWT_PUBLIC_KEY must have at least ${RSA_MIN_BITS} bits`]);
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
