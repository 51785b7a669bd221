import { integer, optionalText, secret, setting, type Settings } from '@chat/service-kit';
import { z } from 'zod';

/** Shortest shared secret, in UTF-8 bytes: as long as the hash of HS256 (RFC 7518 §3.2). */
export const SECRET_MIN_BYTES = 32;
/** Signature algorithms that can be pinned; `none` is none of them. */
export const TOKEN_ALGORITHMS = ['HS256', 'RS256', 'ES256'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

const algorithmsText = z
  .string()
  .default('HS256')
  .transform((value) => value.split(',').map((item) => item.trim()))
  .pipe(
    z.array(z.enum(TOKEN_ALGORITHMS, { error: `must be a comma-separated choice of ${TOKEN_ALGORITHMS.join(', ')}` })),
  );

const secretText = optionalText().refine((value) => value === undefined || isLongEnough(value), {
  error: `must have at least ${SECRET_MIN_BYTES} bytes`,
});

const jwksUrlText = optionalText().refine((value) => value === undefined || isHttpUrl(value), {
  error: 'must be an http or https URL',
});

const gatewayKeysText = z
  .string()
  .default('')
  .refine((value) => parseGatewayKeys(value) !== null, {
    error: `must be id:secret,… with secrets of at least ${SECRET_MIN_BYTES} bytes and ids of letters, digits, - and _`,
  });

/** The environment of everything that verifies tokens. Each pinned algorithm needs its key: `identityProblems` says where one is missing. */
export const tokenSettings = {
  jwtSecret: secret('JWT_SECRET', secretText, 'shared secret of HS256 tokens, at least 32 bytes'),
  jwtPublicKey: setting('JWT_PUBLIC_KEY', optionalText(), 'PEM public key of RS256 or ES256 tokens'),
  jwtJwksUrl: setting('JWT_JWKS_URL', jwksUrlText, 'URL of the key set of RS256 or ES256 tokens'),
  jwtIssuer: setting('JWT_ISSUER', optionalText(), 'what `iss` of a token must be; none: it is not looked at'),
  jwtAudience: setting('JWT_AUDIENCE', optionalText(), 'what must be in `aud` of a token; none: it is not looked at'),
  jwtClockToleranceSeconds: setting(
    'JWT_CLOCK_TOLERANCE_SECONDS',
    integer({ min: 0, max: 300, default: 0 }),
    "seconds that the issuer's clock may be from ours, for `exp`, `nbf` and revocations",
  ),
  jwtAlgorithms: setting('JWT_ALGORITHMS', algorithmsText, 'algorithms that are accepted, comma-separated'),
  nodeEnv: setting('NODE_ENV', optionalText(), '`production`, as the image says: weak secrets are refused at start'),
} as const satisfies Settings;

/** The environment of who believes an API gateway. */
export const gatewaySignatureSettings = {
  gatewaySignatureKeys: secret(
    'GATEWAY_SIGNATURE_KEYS',
    gatewayKeysText,
    'keys that prove X-User-UserId, as id:secret,…; none: the header is ignored',
  ),
} as const satisfies Settings;

/** Keys of API gateways by their id, from the text of GATEWAY_SIGNATURE_KEYS; null where it has another form. */
export function parseGatewayKeys(text: string): ReadonlyMap<string, string> | null {
  const keys = new Map<string, string>();
  for (const entry of text.split(',').filter((item) => item.trim() !== '')) {
    const [, id, key] = /^\s*([A-Za-z0-9_-]{1,64}):(.+?)\s*$/.exec(entry) ?? [];
    if (id === undefined || key === undefined || !isLongEnough(key)) return null;
    keys.set(id, key);
  }
  return keys;
}

function isLongEnough(key: string): boolean {
  return Buffer.byteLength(key) >= SECRET_MIN_BYTES;
}

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
