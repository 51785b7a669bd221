import { describeTlsFailure } from '@chat/service-kit';
import { causesOf } from './error-causes.ts';

/** What an operator can do about brokers that cannot be used, where the error tells; null where it does not. No secrets. */
export function adviceOnBrokers(error: unknown): string | null {
  const failure = describeTlsFailure(error);
  if (failure !== null) return `a broker is not trusted or not reached over TLS: ${failure} (KAFKA_TLS, KAFKA_TLS_CA)`;
  const causes = causesOf(error);
  const refusal = causes.find(({ name }) => name === 'KafkaJSSASLAuthenticationError');
  if (refusal !== undefined)
    return `the brokers do not let us in: ${refusal.message} (KAFKA_SASL_MECHANISM and its login)`;
  if (causes.some(({ name }) => name === 'KafkaJSConnectionClosedError')) {
    return 'a broker ended the connection before it answered: it may expect TLS or a login (KAFKA_TLS, KAFKA_SASL_MECHANISM)';
  }
  return null;
}

/** The same error, with the advice in front where there is any. */
export function withAdvice(error: unknown): unknown {
  const advice = adviceOnBrokers(error);
  return advice === null ? error : new Error(advice, { cause: error });
}
