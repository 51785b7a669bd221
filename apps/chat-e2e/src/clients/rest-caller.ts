import { judgeAnswer } from './judge-answer.ts';

/** Longest wait for an answer, in ms: nothing a client sends may stay unanswered for longer. */
const ANSWER_DEADLINE_MS = 5_000;

export type JsonObject = Readonly<Record<string, unknown>>;

export interface RestAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; undefined where the answer has no body. */
  readonly body: Body;
}

export interface RestRequest {
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Plain HTTP against one base address, with the same headers each time. Rejects for answers that the OpenAPI documents do not have. */
export class RestCaller {
  readonly #baseUrl: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(baseUrl: string, headers: Readonly<Record<string, string>> = {}) {
    this.#baseUrl = baseUrl;
    this.#headers = headers;
  }

  get<Body = JsonObject>(path: string, request?: RestRequest): Promise<RestAnswer<Body>> {
    return this.request<Body>('GET', path, request);
  }

  post<Body = JsonObject>(path: string, body?: unknown, headers?: RestRequest['headers']): Promise<RestAnswer<Body>> {
    return this.request<Body>('POST', path, { body, ...(headers && { headers }) });
  }

  patch<Body = JsonObject>(path: string, body: unknown): Promise<RestAnswer<Body>> {
    return this.request<Body>('PATCH', path, { body });
  }

  put<Body = JsonObject>(path: string, body: unknown): Promise<RestAnswer<Body>> {
    return this.request<Body>('PUT', path, { body });
  }

  delete<Body = JsonObject>(path: string): Promise<RestAnswer<Body>> {
    return this.request<Body>('DELETE', path);
  }

  async request<Body = JsonObject>(
    method: string,
    path: string,
    { body, headers }: RestRequest = {},
  ): Promise<RestAnswer<Body>> {
    const response = await fetch(`${this.#baseUrl}${path}`, {
      method,
      headers: { ...this.#headers, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
    });
    const text = await response.text();
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    const answer = { status: response.status, headers: response.headers, body: parsed as Body }; // the test says what it expects
    judgeAnswer({ method, path, ...answer });
    return answer;
  }
}
