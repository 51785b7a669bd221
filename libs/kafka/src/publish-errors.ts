import { ChatError } from '@chat/service-kit';
import type { QueueLimits } from './record-queue.ts';

/** The queue of a partition is full. */
export function overloaded({ maxRecords, maxBytes }: QueueLimits): ChatError {
  const message = `The partition is busy: at most ${maxRecords} records and ${maxBytes} bytes may wait for it; try again shortly.`;
  return new ChatError('OVERLOADED', { message });
}

/** It is certain that the record is not in the log, and never will be. */
export function neverSent(cause?: unknown): ChatError {
  return new ChatError('UNAVAILABLE', { message: 'Kafka did not take the record in time; it was not sent.', cause });
}

/** The same of records that are published together: what was appended of them is not committed, and never will be. */
export function neverCommitted(cause?: unknown): ChatError {
  const message = 'Kafka did not take the records in time; none of them was published.';
  return new ChatError('UNAVAILABLE', { message, cause });
}

/** It may be in the log, or come to be. */
export function outcomeUnknown(cause?: unknown): ChatError {
  return new ChatError('UNKNOWN', { cause });
}

/** The brokers will never take it. */
export function refusal(failure: 'refused' | 'too large', cause: unknown): ChatError {
  return new ChatError(failure === 'too large' ? 'BODY_TOO_LARGE' : 'INTERNAL', { cause });
}
