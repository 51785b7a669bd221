import { ChatError } from '@chat/service-kit';
import type { RateLimit } from '@chat/redis';
import type { Request, RequestHandler } from 'express';
import type { RoomsMetrics } from '../metrics.ts';

export interface RequestLimitOptions {
  /** As the metric and the sentence call it. */
  readonly of: 'address' | 'user';
  readonly rate: RateLimit;
  readonly keyOf: (request: Request) => string | number;
  readonly metrics: Pick<RoomsMetrics, 'limited'>;
}

/** Lets no more requests pass than the limit allows; the others are refused, and told when to come again. */
export function limitRequests({ of, rate, keyOf, metrics }: RequestLimitOptions): RequestHandler {
  return (request, response, next) => {
    const waitMs = rate.take(keyOf(request));
    if (waitMs === 0) return next();
    metrics.limited.inc({ limit: of });
    const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
    response.set('retry-after', String(seconds));
    const message = `One ${of} may make ${rate.perSecond} requests a second; come again in ${seconds} s.`;
    throw new ChatError('RATE_LIMITED', { message });
  };
}
