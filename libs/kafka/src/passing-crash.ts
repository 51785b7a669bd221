import { causesOf } from './error-causes.ts';

/**
 * What kafkajs calls final although it comes of brokers that hang or cannot be reached: nobody answered who coordinates the
 * group, or those who wait for one connection waited too long.
 */
const PASSING: ReadonlySet<string> = new Set([
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSTimeout',
  'KafkaJSLockTimeout',
]);

/** Whether a consumer that kafkajs will not start anew after this may be started anew all the same. */
export function isPassingCrash(error: unknown): boolean {
  return causesOf(error).some(({ name }) => PASSING.has(name));
}
