import { generateKeyPairSync, randomUUID, type KeyPairKeyObjectResult } from 'node:crypto';
import { createSignedToken, httpUnderTest, type TokenClaims, type TokenSigner } from '@chat/testing';
import type { Person } from './person.ts';

export type KeyPairAlgorithm = TokenSigner['algorithm'];

const AUDIENCE = 'chat';
/** What tokens of the issuer say beside whom they are for. */
export const ISSUER_CLAIMS = { iss: 'https://login.example', aud: ['web', AUDIENCE] };

/** Where a token is not as the issuer would write it. */
export interface TokenChange extends Pick<TokenClaims, 'claims' | 'expiresInSeconds'> {
  /** In the place of that of the key it is signed with. */
  readonly keyId?: string;
}

/** Who signs tokens with a key of each algorithm, and serves the set of their public keys. */
export interface TokenIssuer {
  /** Of an app that believes this issuer alone. */
  readonly env: Readonly<Record<string, string>>;
  tokenOf(person: Person, algorithm: KeyPairAlgorithm, change?: TokenChange): string;
  keyIdOf(algorithm: KeyPairAlgorithm): string;
  /** As PEM. */
  publicKeyOf(algorithm: KeyPairAlgorithm): string;
  /** Puts a new key in the place of the one of the algorithm. */
  rotate(algorithm: KeyPairAlgorithm): void;
  close(): Promise<void>;
}

interface IssuerKey {
  readonly id: string;
  readonly pair: KeyPairKeyObjectResult;
}

export async function openTokenIssuer(): Promise<TokenIssuer> {
  const keys = { RS256: newKey('RS256'), ES256: newKey('ES256') };
  const server = await httpUnderTest((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: keySetOf(keys) }));
  });
  return {
    env: {
      JWT_ALGORITHMS: Object.keys(keys).join(','),
      JWT_JWKS_URL: `${server.baseUrl}/keys`,
      JWT_ISSUER: ISSUER_CLAIMS.iss,
      JWT_AUDIENCE: AUDIENCE,
    },
    tokenOf: ({ id: userId, username }, algorithm, { keyId, claims, ...change } = {}) => {
      const { id, pair } = keys[algorithm];
      const signer = { algorithm, privateKey: pair.privateKey, header: { kid: keyId ?? id } };
      return createSignedToken(signer, { userId, ...change, claims: { username, ...ISSUER_CLAIMS, ...claims } });
    },
    keyIdOf: (algorithm) => keys[algorithm].id,
    publicKeyOf: (algorithm) => keys[algorithm].pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    rotate: (algorithm) => void (keys[algorithm] = newKey(algorithm)),
    close: () => server.close(),
  };
}

function newKey(algorithm: KeyPairAlgorithm): IssuerKey {
  const pair =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { id: randomUUID(), pair };
}

function keySetOf(keys: Readonly<Record<KeyPairAlgorithm, IssuerKey>>): readonly object[] {
  return Object.entries(keys).map(([alg, { id, pair }]) => ({
    ...pair.publicKey.export({ format: 'jwk' }),
    ...{ kid: id, use: 'sig', alg },
  }));
}
