import { timingSafeEqual } from 'node:crypto';
import { APP_VERBS, type AppVerb } from '../apps/app-group.ts';

/** What the control server looks at before it does anything. */
export interface ControlRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which a page cannot set. */
  readonly fetchSite: string | undefined;
  readonly key: string | undefined;
}

/** Where the page is served, and what it has to name in each request to `/control`. */
export interface ControlSecrets {
  readonly host: string;
  readonly key: string;
}

export type ControlTask =
  | { readonly do: 'serve page' }
  | { readonly do: 'list apps' }
  | { readonly do: 'make token' }
  | { readonly do: 'act'; readonly app: string; readonly verb: AppVerb }
  | Refusal;

export interface Refusal {
  readonly do: 'refuse';
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Header with the key: a page of another origin could not send it without asking first, which is never allowed. */
export const KEY_HEADER = 'x-playground-key';

const ACT = new RegExp(`^/control/apps/([a-z0-9-]{1,64})/(${APP_VERBS.join('|')})$`);

/**
 * What a request is for. Refused are other names of this server (a name that is made to mean 127.0.0.1 would make another page
 * one of ours), other origins, and who does not know the key.
 */
export function judgeRequest(request: ControlRequest, { host, key }: ControlSecrets): ControlTask {
  const { method, path, origin, fetchSite } = request;
  if (request.host !== host) return refusal(421, 'WRONG_HOST', `The playground is at http://${host} and nowhere else.`);
  if (origin !== undefined && origin !== `http://${host}`) {
    return refusal(403, 'WRONG_ORIGIN', 'Pages of other origins have no business here.');
  }
  if (!path.startsWith('/control/')) {
    if (method === 'GET' || method === 'HEAD') return { do: 'serve page' };
    return refusal(405, 'METHOD_NOT_ALLOWED', 'The page is read by GET.');
  }
  if (fetchSite !== undefined && fetchSite !== 'same-origin') {
    return refusal(403, 'WRONG_ORIGIN', 'Only the page itself may ask for this.');
  }
  if (!isSame(request.key, key)) {
    return refusal(403, 'WRONG_KEY', 'The page is of an earlier run, or this is not the page: load it again.');
  }
  return taskOf(method, path);
}

function taskOf(method: string, path: string): ControlTask {
  if (method === 'GET' && path === '/control/apps') return { do: 'list apps' };
  if (method === 'POST' && path === '/control/tokens') return { do: 'make token' };
  const [, app, verb] = (method === 'POST' && ACT.exec(path)) || [];
  if (app !== undefined) return { do: 'act', app, verb: verb as AppVerb }; // the pattern allows no other
  return refusal(404, 'NOT_FOUND', 'There is nothing of that name to ask for.');
}

function refusal(status: number, code: string, message: string): Refusal {
  return { do: 'refuse', status, code, message };
}

function isSame(given: string | undefined, key: string): boolean {
  const [left, right] = [Buffer.from(given ?? ''), Buffer.from(key)];
  return left.length === right.length && timingSafeEqual(left, right);
}
