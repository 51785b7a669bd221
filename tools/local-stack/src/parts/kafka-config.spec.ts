import { describe, expect, it } from 'vitest';
import { javaMajorVersion, kafkaProperties } from './kafka-config.ts';

describe('kafkaProperties', () => {
  const lines = kafkaProperties({ port: 9092, controllerPort: 9093, logDir: '/data/kafka' }).split('\n');

  it('listens on this machine alone, where it says it is', () => {
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
    expect(lines).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:9092');
  });

  it('creates no topic by accident, and forgets the transaction of a dead gateway soon', () => {
    expect(lines).toContain('auto.create.topics.enable=false');
    expect(lines).toContain('transaction.abort.timed.out.transaction.cleanup.interval.ms=1000');
  });
});

describe('javaMajorVersion', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_402"', 8],
    ['openjdk version "21" 2023-09-19', 21],
    ['The operation could not be completed', null],
  ])('reads %s', (output, version) => {
    expect(javaMajorVersion(output)).toBe(version);
  });
});
