import { describe, expect, it } from 'vitest';
import { javaMajorVersion, kafkaProperties } from './kafka-config.ts';

describe('kafkaProperties of a single node', () => {
  const node = { id: 1, port: 9092, controllerPort: 9093, logDir: '/data/kafka' };
  const lines = kafkaProperties(node, [node]).split('\n');

  it('listens on this machine alone, where it says it is', () => {
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093');
    expect(lines).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:9092');
  });

  it('creates no topic by accident, and forgets the transaction of a dead gateway soon', () => {
    expect(lines).toContain('auto.create.topics.enable=false');
    expect(lines).toContain('transaction.abort.timed.out.transaction.cleanup.interval.ms=1000');
  });

  it('has one replica of everything, since there is no second node', () => {
    expect(lines).toContain('default.replication.factor=1');
    expect(lines).toContain('min.insync.replicas=1');
  });
});

describe('kafkaProperties of one node of three', () => {
  const links = [{ name: 'ws-gateway-1', port: 7001, advertisedPort: 8001 }];
  const nodes = [1, 2, 3].map((id) => ({ id, port: 9000 + id, controllerPort: 9100 + id, logDir: `/k${id}`, links }));
  const lines = nodes.slice(1, 2).flatMap((node) => kafkaProperties(node, nodes).split('\n'));

  it('knows itself and its voters', () => {
    expect(lines).toContain('node.id=2');
    expect(lines).toContain('controller.quorum.voters=1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103');
  });

  it('acknowledges what two of three replicas have, offsets and transactions included', () => {
    for (const line of [
      'default.replication.factor=3',
      'min.insync.replicas=2',
      'offsets.topic.replication.factor=3',
      'transaction.state.log.replication.factor=3',
      'transaction.state.log.min.isr=2',
      'unclean.leader.election.enable=false',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('sends the clients of a link to its proxy', () => {
    expect(lines).toContain(
      'listeners=PLAINTEXT://127.0.0.1:9002,WS_GATEWAY_1://127.0.0.1:7001,CONTROLLER://127.0.0.1:9102',
    );
    expect(lines).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:9002,WS_GATEWAY_1://127.0.0.1:8001');
    expect(lines).toContain(
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,WS_GATEWAY_1:PLAINTEXT,CONTROLLER:PLAINTEXT',
    );
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
