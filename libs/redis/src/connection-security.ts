import { isIP } from 'node:net';
import { ConfigError } from '@chat/service-kit';
import type { RedisOptions } from 'ioredis';

/** Of `redisSettings`, by the same names: TLS where the URL is rediss://, and whom it is verified against. */
export interface RedisSecurity {
  readonly redisUrl: string;
  readonly redisTlsCa?: string | undefined;
  readonly redisTlsCert?: string | undefined;
  readonly redisTlsKey?: string | undefined;
}

/** What ioredis is told of TLS beside the URL. Throws a ConfigError, without a secret, where the settings do not fit together. */
export function connectionSecurity(security: RedisSecurity): Pick<RedisOptions, 'tls'> {
  const { redisUrl, redisTlsCa: ca, redisTlsCert: cert, redisTlsKey: key } = security;
  const isTls = redisUrl.startsWith('rediss://');
  const given = Object.entries({ REDIS_TLS_CA: ca, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: key });
  const problems = [
    ...given
      .filter(([, pem]) => pem !== undefined && !isTls)
      .map(([name]) => `${name} is given, but REDIS_URL does not begin with rediss://`),
    ...((cert === undefined) !== (key === undefined)
      ? ['REDIS_TLS_CERT and REDIS_TLS_KEY belong together, and one of them is missing']
      : []),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  if (!isTls) return {};
  const host = hostOf(redisUrl);
  return {
    tls: {
      ...(isIP(host) === 0 && { servername: host }), // ioredis would not tell the server by which name it is asked
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
  };
}

function hostOf(redisUrl: string): string {
  return URL.canParse(redisUrl) ? new URL(redisUrl).hostname.replace(/^\[(.+)\]$/, '$1') : '';
}
