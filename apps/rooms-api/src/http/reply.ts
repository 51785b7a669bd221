import type { Response } from 'express';
import type { Problem } from './problem.ts';

/** What an endpoint answers; without a body it sends none. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once the client's system has all of it. */
  readonly whenSent?: () => void;
}

export function ok(body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, body, headers };
}

export function created(body: unknown, location: string): Reply {
  return { status: 201, body, headers: { location } };
}

export const NO_CONTENT: Reply = { status: 204 };

/** Answers are one caller's and of this instant: nobody in between may keep them. */
export function writeReply(response: Response, { status, body, headers = {}, whenSent }: Reply): void {
  if (response.headersSent || response.destroyed) return; // answered by its deadline, or nobody is there any more
  if (whenSent !== undefined) response.once('finish', whenSent);
  response.status(status).set({ 'cache-control': 'no-store', ...headers });
  if (body === undefined) response.end();
  else response.json(body);
}

export function writeProblem(
  response: Response,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  writeReply(response, {
    status: problem.status,
    body: problem,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}
