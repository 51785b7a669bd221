import { ConfigError } from '@chat/service-kit';
import type { KafkaConfig } from 'kafkajs';
import type { SASL_MECHANISMS } from './settings.ts';

/** Of `kafkaSettings`, by the same names: how the brokers are spoken to. In the clear and as nobody where nothing is said. */
export interface BrokerSecurity {
  readonly kafkaTls?: boolean;
  readonly kafkaTlsCa?: string | undefined;
  readonly kafkaTlsCert?: string | undefined;
  readonly kafkaTlsKey?: string | undefined;
  readonly kafkaSaslMechanism?: (typeof SASL_MECHANISMS)[number];
  readonly kafkaSaslUsername?: string | undefined;
  readonly kafkaSaslPassword?: string | undefined;
}

/** The settings that contradict each other or miss one another, in sentences without a secret. */
export function securityProblems(security: BrokerSecurity): readonly string[] {
  const { kafkaTls = false, kafkaTlsCa, kafkaTlsCert, kafkaTlsKey } = security;
  const { kafkaSaslMechanism = 'none', kafkaSaslUsername, kafkaSaslPassword } = security;
  const certificates = { KAFKA_TLS_CA: kafkaTlsCa, KAFKA_TLS_CERT: kafkaTlsCert, KAFKA_TLS_KEY: kafkaTlsKey };
  const unused = kafkaTls ? [] : Object.entries(certificates).filter(([, pem]) => pem !== undefined);
  const logsIn = kafkaSaslMechanism !== 'none';
  const hasLogin = kafkaSaslUsername !== undefined && kafkaSaslPassword !== undefined;
  return [
    ...unused.map(([name]) => `${name} is given, but KAFKA_TLS is off`),
    ...((kafkaTlsCert === undefined) !== (kafkaTlsKey === undefined)
      ? ['KAFKA_TLS_CERT and KAFKA_TLS_KEY belong together, and one of them is missing']
      : []),
    ...(logsIn && !hasLogin
      ? [`KAFKA_SASL_MECHANISM is ${kafkaSaslMechanism}, which needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`]
      : []),
    ...(!logsIn && (kafkaSaslUsername !== undefined || kafkaSaslPassword !== undefined)
      ? ['KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD is given, but no KAFKA_SASL_MECHANISM']
      : []),
    ...(kafkaSaslMechanism === 'plain' && !kafkaTls
      ? ['KAFKA_SASL_MECHANISM is plain, which would send the password in the clear: KAFKA_TLS must be on']
      : []),
  ];
}

/** What kafkajs is told of it: a new object each time, since kafkajs writes into it. Throws a ConfigError that names all problems. */
export function connectionSecurity(security: BrokerSecurity): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const problems = securityProblems(security);
  if (problems.length > 0) throw new ConfigError(problems);
  const { kafkaTls, kafkaTlsCa: ca, kafkaTlsCert: cert, kafkaTlsKey: key } = security;
  const { kafkaSaslMechanism: mechanism = 'none', kafkaSaslUsername = '', kafkaSaslPassword = '' } = security;
  const login = { username: kafkaSaslUsername, password: kafkaSaslPassword };
  const ssl = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
  return {
    ...(kafkaTls === true && { ssl }),
    ...(mechanism !== 'none' && { sasl: { mechanism, ...login } as NonNullable<KafkaConfig['sasl']> }), // a union that a choice of names does not narrow
  };
}
