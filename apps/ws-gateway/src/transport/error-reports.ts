import type { ChatError } from '@chat/service-kit';
import { ERRORS_DESTINATION } from '../broker/destinations.ts';
import { errorDtoOf } from '../broker/error-queue.ts';
import { deliver } from '../broker/fan-out.ts';
import type { LiveSession } from '../broker/live-session.ts';
import type { RequestOrigin } from '../broker/requests.ts';

const UTF8 = new TextEncoder();

/** What one session is told on its error queue. */
export class ErrorReports {
  readonly #session: LiveSession;
  #count = 0;

  constructor(session: LiveSession) {
    this.#session = session;
  }

  /** Nobody is told while the session does not listen; whether somebody was. */
  tell(error: ChatError, origin: RequestOrigin): boolean {
    const subscription = this.#session.subscriptionTo('errors');
    if (subscription === undefined) return false;
    this.#count += 1;
    deliver(this.#session, subscription, {
      destination: ERRORS_DESTINATION,
      messageId: `error-${this.#session.sessionId}-${this.#count}`,
      body: UTF8.encode(JSON.stringify(errorDtoOf(error, origin))),
    });
    return true;
  }
}
