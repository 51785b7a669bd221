import type { KeyObject } from 'node:crypto';
import { ChatError, systemClock, type Clock } from '@chat/service-kit';
import jwt from 'jsonwebtoken';
import { callerOf, type Caller } from './caller.ts';
import { createKeySource, keySetOf, type KeySourceConfig } from './key-source.ts';
import type { Revocations } from './revocations.ts';
import type { TokenAlgorithm } from './settings.ts';

/** Longest token that is looked at, in characters. */
export const TOKEN_MAX_LENGTH = 8_192;

export interface TokenVerifierConfig extends KeySourceConfig {
  /** Algorithms that are accepted; a token of any other, `none` included, is refused. */
  readonly jwtAlgorithms: readonly TokenAlgorithm[];
  /** What `iss` must be, and what must be in `aud`; not looked at where it is left out. */
  readonly jwtIssuer?: string | undefined;
  readonly jwtAudience?: string | undefined;
  /** How far the issuer's clock may be from ours, in seconds; 0 by default. */
  readonly jwtClockToleranceSeconds?: number;
}

export interface TokenVerifier {
  /**
   * Whom the token speaks for. Rejects with UNAUTHENTICATED (too long, not a token, wrong signature or algorithm, no numeric `sub`,
   * no `exp`, not valid yet), TOKEN_EXPIRED, REVOKED, or UNAVAILABLE (the key set cannot be fetched).
   */
  verify(token: string): Promise<Caller>;
}

/** Throws a ConfigError where a pinned algorithm has no key. `clock` decides what has expired. Without `revocations` nothing is revoked. */
export function createTokenVerifier(
  config: TokenVerifierConfig,
  clock: Clock = systemClock,
  revocations: Pick<Revocations, 'refusalOf'> = { refusalOf: () => null },
): TokenVerifier {
  const keySet = keySetOf(config, clock);
  const sources = new Map(
    config.jwtAlgorithms.map((name) => [name as string, createKeySource(name, config, keySet)]), // looked up by a token's text
  );
  return {
    verify: async (token) => {
      const { alg, kid } = headerOf(token);
      const source = sources.get(alg);
      if (source === undefined) throw new ChatError('UNAUTHENTICATED', { message: 'The token has another algorithm.' });
      const claims = claimsOf(token, await source(kid), verifyOptionsOf(alg, config, clock));
      const caller = callerOf(claims, token, config.jwtClockToleranceSeconds);
      const refusal = revocations.refusalOf(caller);
      if (refusal !== null) throw refusal;
      return caller;
    },
  };
}

function headerOf(token: string): { alg: string; kid: string | undefined } {
  if (token.length > TOKEN_MAX_LENGTH) throw tooLong();
  const header = decodeHeader(token);
  if (header === undefined) throw new ChatError('UNAUTHENTICATED', { message: 'This is not a JSON Web Token.' });
  if ('crit' in header) {
    // RFC 7515 §4.1.11: who does not know what is critical must not go on; nothing of it is known here
    throw new ChatError('UNAUTHENTICATED', { message: 'The token has critical extensions, of which none is known.' });
  }
  return { alg: String(header.alg), kid: typeof header.kid === 'string' ? header.kid : undefined };
}

function tooLong(): ChatError {
  return new ChatError('UNAUTHENTICATED', { message: `A token may have at most ${TOKEN_MAX_LENGTH} characters.` });
}

function decodeHeader(token: string): jwt.JwtHeader | undefined {
  try {
    return jwt.decode(token, { complete: true })?.header;
  } catch {
    return undefined; // a payload that is not JSON is not a token either
  }
}

/** Without the header in the answer. */
type ClaimOptions = jwt.VerifyOptions & { readonly complete?: false };

function verifyOptionsOf(algorithm: string, config: TokenVerifierConfig, clock: Clock): ClaimOptions {
  const { jwtIssuer: issuer, jwtAudience: audience, jwtClockToleranceSeconds: clockTolerance = 0 } = config;
  return {
    algorithms: [algorithm as TokenAlgorithm], // a key of the verifier's own table
    clockTimestamp: Math.floor(clock.now() / 1000),
    clockTolerance,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
}

function claimsOf(token: string, key: KeyObject, options: ClaimOptions): Readonly<Record<string, unknown>> {
  try {
    const claims = jwt.verify(token, key, options);
    if (typeof claims === 'object') return claims;
  } catch (error) {
    const code = error instanceof jwt.TokenExpiredError ? 'TOKEN_EXPIRED' : 'UNAUTHENTICATED';
    throw new ChatError(code, { cause: error });
  }
  throw new ChatError('UNAUTHENTICATED', { message: 'The token has no claims.' });
}
