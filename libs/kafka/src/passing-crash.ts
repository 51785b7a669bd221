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
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (PASSING.has(cause.name)) return true;
  return false;
}
