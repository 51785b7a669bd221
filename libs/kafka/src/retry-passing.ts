import { pause } from '@chat/service-kit';
import { causesOf } from './error-causes.ts';

const RETRY_MS = 100;

/**
 * Asks again while the brokers answer with an error that they call retriable, for `deadlineMs` at most: a topic that was
 * just created is not known to every broker at once, nor has it leaders, and kafkajs gives up on the first such answer.
 */
export async function retryPassing<Value>(ask: () => Promise<Value>, deadlineMs: number): Promise<Value> {
  const endAt = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || performance.now() > endAt) throw error;
      await pause(RETRY_MS);
    }
  }
}

function isPassing(error: unknown): boolean {
  return causesOf(error).some((cause) => 'type' in cause && 'retriable' in cause && cause.retriable === true);
}
