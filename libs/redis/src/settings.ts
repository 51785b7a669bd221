import { pemOrFile, secret, setting, text, type Settings } from '@chat/service-kit';
import { z } from 'zod';

/** `redis://` or `rediss://` with an optional user, password and database index. */
const urlText = text().refine((value) => /^rediss?:\/\//.test(value), {
  error: 'must begin with redis:// or rediss://',
});

const prefixText = z
  .string()
  .regex(/^[a-zA-Z0-9._:-]{0,100}$/, {
    error: 'must be at most 100 letters, digits, dots, dashes, colons, underscores',
  })
  .default('');

/** The environment of everything that talks to Redis. The URL may carry a password, so it is never shown. */
export const redisSettings = {
  redisUrl: secret('REDIS_URL', urlText, 'redis:// or rediss:// URL of the Redis that holds presence'),
  redisKeyPrefix: setting('REDIS_KEY_PREFIX', prefixText, 'put before every key, so that several stacks share a Redis'),
  redisTlsCa: setting(
    'REDIS_TLS_CA',
    pemOrFile(),
    "PEM certificates of who vouches for Redis, or their file's path; left out: whom Node trusts; with rediss:// alone",
  ),
  redisTlsCert: setting(
    'REDIS_TLS_CERT',
    pemOrFile(),
    "PEM certificate that is shown to a Redis which asks for one, or its file's path",
  ),
  redisTlsKey: secret('REDIS_TLS_KEY', pemOrFile(), "PEM key of REDIS_TLS_CERT, or its file's path"),
} as const satisfies Settings;
