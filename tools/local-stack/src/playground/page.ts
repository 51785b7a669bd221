/** What the page is told of the stack that serves it. */
export interface PageConfiguration {
  /** Goes with each request to `/control`. */
  readonly key: string;
  readonly restUrl: string;
  readonly gateways: readonly { readonly name: string; readonly wsUrl: string }[];
}

/** Stands in the built page where the configuration belongs. */
const PLACE = '<!-- configuration -->';

/** The page with its configuration in it, as data that no script has to be trusted with. */
export function pageWith(html: string, configuration: PageConfiguration): string {
  const json = JSON.stringify(configuration).replaceAll('<', '\\u003c');
  return html.replace(PLACE, () => `<script type="application/json" id="configuration">${json}</script>`);
}

/** Headers of the page: it talks to this stack alone, loads nothing from elsewhere, and stands in no other page. */
export function pageHeaders({ restUrl, gateways }: PageConfiguration): Readonly<Record<string, string>> {
  const policy = {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'", restUrl, ...gateways.map(({ wsUrl }) => new URL(wsUrl).origin)],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map(([name, sources]) => [name, ...sources].join(' '))
      .join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  };
}

/** The id of a user who goes by that name: that of a table for those who are known, else always the same one for a name. */
export function userIdOf(
  username: string,
  known: readonly { readonly userId: number; readonly username: string }[],
): number {
  const user = known.find((one) => one.username === username);
  if (user !== undefined) return user.userId;
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (const byte of Buffer.from(username)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return FIRST_OTHER_ID + hash;
}

/** Above the ids that people choose by hand. */
const FIRST_OTHER_ID = 1_000_000;
