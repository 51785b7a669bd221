import { optionalList } from '@chat/service-kit';

/** A server's address without its credentials, which go into a header. */
export interface BaseUrl {
  /** Without a slash at its end; may be shown. */
  readonly url: string;
  /** `Basic …` of the user name and password in the URL. */
  readonly authorization: string | undefined;
}

/** Reads comma-separated http and https URLs, none where it is left out. */
export function baseUrls() {
  return optionalList()
    .refine((urls) => urls.every(isHttpUrl), { error: 'must be http or https URLs, comma-separated' })
    .transform((urls): readonly BaseUrl[] => urls.map(baseUrlOf));
}

export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function baseUrlOf(text: string): BaseUrl {
  const { origin, pathname, username, password } = new URL(text);
  return {
    url: `${origin}${pathname}`.replace(/\/+$/, ''),
    authorization:
      username === '' ? undefined : basicAuthorization(decodeURIComponent(username), decodeURIComponent(password)),
  };
}
