import { withDeadline } from '@chat/service-kit';
import type { Request } from 'express';
import { REQUEST_DEADLINE_MS } from '../limits.ts';

/** What the steps so far have left of each request's time, in ms. */
const remaining = new WeakMap<Request, number>();

/**
 * Runs one step of answering a request in what the steps before it have left of REQUEST_DEADLINE_MS; how long the client
 * takes to send the body does not count. Rejects with a DeadlineError where that is over. The signal aborts when the step
 * has its outcome: what it has not begun by then, nobody waits for.
 */
export async function withinRequestDeadline<Value>(
  request: Request,
  step: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const leftMs = remaining.get(request) ?? REQUEST_DEADLINE_MS;
  const startedAt = performance.now();
  const controller = new AbortController();
  try {
    return await withDeadline(step(controller.signal), leftMs, 'answering the request');
  } finally {
    controller.abort();
    remaining.set(request, Math.max(0, leftMs - (performance.now() - startedAt)));
  }
}
