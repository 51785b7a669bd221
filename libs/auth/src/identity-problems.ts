import { ConfigError } from '@chat/service-kit';
import { createKeySource, type KeySourceConfig } from './key-source.ts';
import { parseGatewayKeys, type TokenAlgorithm } from './settings.ts';
import { weaknessOf } from './weak-secret.ts';

/** Where `NODE_ENV` says so, weak secrets are refused. */
const PRODUCTION = 'production';

export interface IdentityConfig extends KeySourceConfig {
  readonly nodeEnv: string | undefined;
  readonly jwtAlgorithms: readonly TokenAlgorithm[];
  readonly gatewaySignatureKeys?: string;
}

/**
 * What is wrong with settings of identity that are fine one by one: a pinned algorithm without its key; in production secrets
 * that are good enough to try things out, each with why, and none of its text.
 */
export function identityProblems(config: IdentityConfig): readonly string[] {
  return [...config.jwtAlgorithms.flatMap((name) => keyProblems(name, config)), ...weaknesses(config)];
}

function keyProblems(algorithm: TokenAlgorithm, config: KeySourceConfig): readonly string[] {
  try {
    createKeySource(algorithm, config);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

function weaknesses({ nodeEnv, jwtSecret, gatewaySignatureKeys = '' }: IdentityConfig): readonly string[] {
  if (nodeEnv !== PRODUCTION) return [];
  const gatewayKeys = [...(parseGatewayKeys(gatewaySignatureKeys) ?? [])].map(
    ([id, key]) => [`GATEWAY_SIGNATURE_KEYS: the secret of ${id}`, key] as const,
  );
  const secrets = [...(jwtSecret === undefined ? [] : [['JWT_SECRET', jwtSecret] as const]), ...gatewayKeys];
  return secrets.flatMap(([name, secret]) => {
    const weakness = weaknessOf(secret);
    return weakness === null ? [] : [`${name} ${weakness}: make one as by \`openssl rand -hex 32\``];
  });
}
