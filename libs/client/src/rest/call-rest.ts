import type { TokenKeeper } from '../connection/token-keeper.ts';
import { ChatClientError, clientError } from '../error.ts';

export interface RestCall {
  readonly method: string;
  /** With `{name}` for what is in it. */
  readonly path: string;
  readonly in?: Readonly<Record<string, number>>;
  readonly query?: object;
  readonly body?: object | undefined;
}

export interface CallRestOptions {
  readonly apiUrl: string;
  readonly fetch: typeof fetch;
  readonly tokens: TokenKeeper;
  readonly deadlineMs: number;
}

/** One request with the token of now, and once more with another one where that was refused. Rejects with ChatClientError. */
export async function callRest<Answer>(call: RestCall, options: CallRestOptions): Promise<Answer> {
  const { tokens } = options;
  const answer = await request(call, await tokens.current(), options);
  const final = answer.status === 401 ? await request(call, await tokens.renew('refused'), options) : answer;
  if (final.status === 204) return undefined as Answer; // the contract of the endpoint, as below
  try {
    const body: unknown = await final.json();
    if (final.ok) return body as Answer;
    throw errorOf(final.status, body);
  } catch (cause) {
    throw cause instanceof ChatClientError ? cause : errorOf(final.status, null, cause);
  }
}

async function request(call: RestCall, token: string | null, options: CallRestOptions) {
  if (token === null) throw clientError('NO_TOKEN');
  const { method, path, in: values = {}, query = {}, body } = call;
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
  const url = urlOf(options.apiUrl.replace(/\/+$/, '') + address);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  try {
    return await options.fetch(url, {
      method: method.toUpperCase(),
      headers: { Authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(options.deadlineMs),
    });
  } catch (cause) {
    throw clientError('CONNECTION_LOST', { message: `${url.origin} does not answer.`, cause });
  }
}

/** A relative one is of the page. */
function urlOf(address: string): URL {
  try {
    return new URL(address, globalThis.location?.href);
  } catch (cause) {
    throw clientError('NO_API', { cause });
  }
}

/** `application/problem+json` names a code; what stands in front of the service does not. */
function errorOf(status: number, body: unknown, cause?: unknown): ChatClientError {
  const { code, detail, retryable } = (body ?? {}) as { code?: unknown; detail?: unknown; retryable?: unknown };
  if (typeof code !== 'string')
    return clientError('BAD_ANSWER', { message: `The REST API answered ${status} with something else.`, cause });
  return new ChatClientError({ code, message: String(detail), retryable: retryable === true });
}
