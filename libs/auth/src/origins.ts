import { optionalList, renamed, setting, type Settings } from '@chat/service-kit';

/** The environment of everything that pages in browsers may call. */
export const originSettings = {
  allowedOrigins: renamed(
    'CORS_ORIGINS', // of rooms-api alone; gateways let in every page then
    setting(
      'ALLOWED_ORIGINS',
      optionalList().refine((origins) => origins.every(isOrigin), {
        error: 'must be origins such as https://chat.example, each without a path',
      }),
      'origins of the pages that may call this from a browser, exact and comma-separated; who is no browser needs none',
    ),
  ),
} as const satisfies Settings;

/** An origin as browsers write it: scheme, host, and the port where it is not the scheme's own. */
export function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

/** What a request says of where it comes from and goes to: its headers `Origin` and `Host`. */
export interface RequestOrigin {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/**
 * Whether a page that asks is one that may: its origin is among those allowed, byte for byte, or it came from the host that it
 * asks. A request without an origin is no page's: browsers always say one where it matters (RFC 6455 §10.2).
 */
export function isAllowedOrigin({ origin, host }: RequestOrigin, allowed: ReadonlySet<string>): boolean {
  if (origin === undefined || allowed.has(origin)) return true;
  return isOrigin(origin) && new URL(origin).host === host?.toLowerCase();
}

/** Parameters that would carry a token in an address, where logs, histories and other pages can read it. */
const TOKEN_PARAMETERS: ReadonlySet<string> = new Set([
  'access_token',
  'authorization',
  'bearer',
  'id_token',
  'jwt',
  'token',
]);

/** The parameter of an address's query that would carry a token; null where there is none. `url` is path and query. */
export function tokenParameterOf(url: string): string | null {
  const at = url.indexOf('?');
  if (at === -1) return null;
  for (const name of new URLSearchParams(url.slice(at + 1)).keys()) {
    if (TOKEN_PARAMETERS.has(name.toLowerCase())) return name;
  }
  return null;
}
