import type { ObservedFrame } from '../api.ts';

const HIDDEN = '[hidden]';

/** A frame as it may be shown. */
export function withoutToken(
  command: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Pick<ObservedFrame, 'command' | 'headers' | 'body'> {
  const isRefresh = headers['destination'] === '/app/auth.refresh';
  return {
    command,
    headers: headers['Authorization'] === undefined ? headers : { ...headers, Authorization: HIDDEN },
    body: isRefresh ? HIDDEN : body,
  };
}
