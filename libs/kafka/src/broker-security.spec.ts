import { readConfig } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { connectionSecurity } from './broker-security.ts';
import { kafkaSettings } from './settings.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const LOGIN = { KAFKA_SASL_USERNAME: 'chat', KAFKA_SASL_PASSWORD: 'hidden' };

const securityOf = (env: Readonly<Record<string, string>>) =>
  connectionSecurity(readConfig(kafkaSettings, { KAFKA_BROKERS: 'a:1', ...env }));

describe('how brokers are spoken to', () => {
  it('is in the clear and as nobody where nothing is said', () => {
    expect(securityOf({})).toEqual({});
  });

  it('is over TLS, verified against those that are named, with a certificate and a login', () => {
    const certificates = { KAFKA_TLS_CA: PEM, KAFKA_TLS_CERT: PEM, KAFKA_TLS_KEY: PEM };
    expect(securityOf({ KAFKA_TLS: 'on', ...certificates, KAFKA_SASL_MECHANISM: 'scram-sha-512', ...LOGIN })).toEqual({
      ssl: { ca: PEM, cert: PEM, key: PEM },
      sasl: { mechanism: 'scram-sha-512', username: 'chat', password: 'hidden' },
    });
  });

  it('is over TLS verified against those that Node trusts where none are named', () => {
    expect(securityOf({ KAFKA_TLS: 'on' })).toEqual({ ssl: {} });
  });

  it('is told to each client in an object of its own, since kafkajs writes into it', () => {
    const config = readConfig(kafkaSettings, {
      ...{ KAFKA_BROKERS: 'a:1', KAFKA_SASL_MECHANISM: 'scram-sha-256' },
      ...LOGIN,
    });
    expect(connectionSecurity(config).sasl).not.toBe(connectionSecurity(config).sasl);
  });

  it.each([
    ['KAFKA_TLS_CA is given, but KAFKA_TLS is off', { KAFKA_TLS_CA: PEM }],
    ['KAFKA_TLS_CERT and KAFKA_TLS_KEY belong together', { KAFKA_TLS: 'on', KAFKA_TLS_KEY: PEM }],
    ['which needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD', { KAFKA_SASL_MECHANISM: 'scram-sha-256' }],
    ['but no KAFKA_SASL_MECHANISM', LOGIN],
    ['which would send the password in the clear', { KAFKA_SASL_MECHANISM: 'plain', ...LOGIN }],
    ['KAFKA_SASL_MECHANISM Invalid option', { KAFKA_SASL_MECHANISM: 'gssapi' }],
  ])('is refused with "%s", the password left out', (words, env) => {
    expect(() => securityOf(env)).toThrow(words);
    expect(() => securityOf(env)).not.toThrow('hidden');
  });
});
