import { ChatError } from '@chat/service-kit';
import type { RequestHandler } from 'express';

/**
 * Refuses what a page in somebody's browser would change: the internal listener asks nobody who they are, and a browser inside
 * of the network sends there what any page from outside tells it to. Browsers say so by one of these headers.
 */
export const refuseChangesByPages: RequestHandler = ({ method, headers }, _response, next) => {
  const isByPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  if (isByPage && method !== 'GET' && method !== 'HEAD') {
    throw new ChatError('FORBIDDEN', {
      message: 'Pages in a browser change nothing here: use chatctl or another service.',
    });
  }
  next();
};
