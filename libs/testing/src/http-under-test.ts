import { createServer, type RequestListener } from 'node:http';
import type { AnswerJudge } from './answer-judge.ts';
import { bearer } from './tokens.ts';

/** Longest wait for an answer, in ms. */
const ANSWER_DEADLINE_MS = 10_000;

export interface TestRequest {
  /** Sends a valid bearer token of this user. */
  readonly as?: number;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON of the body; null where there is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- specs look into answers of every shape
  readonly body: any;
}

/** An HTTP handler behind a real port of its own. */
export interface HttpUnderTest {
  readonly baseUrl: string;
  /** One request, by fetch; `path` with its query. */
  request(method: string, path: string, request?: TestRequest): Promise<TestAnswer>;
  close(): Promise<void>;
}

/** Every answer is judged, where a judge is given. */
export async function httpUnderTest(handler: RequestListener, judge: AnswerJudge = () => {}): Promise<HttpUnderTest> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const baseUrl = `http://127.0.0.1:${address.port}`;
  return {
    baseUrl,
    request: async (method, path, request) => {
      const answer = await requestJson(method, `${baseUrl}${path}`, request);
      judge({ method, path, ...answer });
      return answer;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** One request by fetch, with its answer read whole. */
export async function requestJson(
  method: string,
  url: string,
  { as, body, headers = {} }: TestRequest = {},
): Promise<TestAnswer> {
  const answer = await fetch(url, {
    method,
    signal: AbortSignal.timeout(ANSWER_DEADLINE_MS),
    headers: {
      ...(as !== undefined && { authorization: bearer(as) }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
}
