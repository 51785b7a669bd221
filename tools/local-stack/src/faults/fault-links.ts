import {
  openKafkaProxy,
  openPostgresProxy,
  openTcpProxy,
  type KafkaFrame,
  type PostgresFrame,
  type TcpProxy,
  type TrapProxy,
} from '@chat/testing';
import type { KafkaLink } from '../parts/kafka-config.ts';
import type { Ports } from '../ports.ts';

/** Where the parts are, as an app's environment says it. */
export interface PartAddresses {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Comma-separated. */
  readonly kafkaBrokers: string;
}

/** The network between the parts and whoever uses these addresses, to be broken without harm to anybody else. */
export interface FaultLink extends PartAddresses {
  readonly name: string;
  /** One per broker, in the order of the brokers. */
  readonly kafka: readonly TrapProxy<KafkaFrame>[];
  readonly redis: TcpProxy;
  readonly postgres: TrapProxy<PostgresFrame>;
}

/** The Kafka side of a link: the brokers must know the proxies before they start. */
export interface KafkaSide {
  readonly name: string;
  /** One per broker, in the order of the brokers. */
  readonly proxies: readonly TrapProxy<KafkaFrame>[];
  readonly listeners: readonly KafkaLink[];
}

/** Opens a proxy per broker before a listener of its own there, which sends its clients back to the proxy. */
export async function openKafkaSide(name: string, brokerCount: number, ports: Ports): Promise<KafkaSide> {
  const proxies: TrapProxy<KafkaFrame>[] = [];
  const listeners: KafkaLink[] = [];
  for (let broker = 0; broker < brokerCount; broker += 1) {
    const port = await ports.take();
    const proxy = await openKafkaProxy({ host: '127.0.0.1', port });
    proxies.push(proxy);
    listeners.push({ name, port, advertisedPort: proxy.port });
  }
  return { name, proxies, listeners };
}

/** Completes a link with proxies before Redis and Postgres. */
export async function openFaultLink({ name, proxies }: KafkaSide, direct: PartAddresses): Promise<FaultLink> {
  const redis = await openTcpProxy(targetOf(direct.redisUrl));
  const postgres = await openPostgresProxy(targetOf(direct.databaseUrl));
  return {
    name,
    kafka: proxies,
    redis,
    postgres,
    kafkaBrokers: proxies.map(({ host, port }) => `${host}:${port}`).join(','),
    redisUrl: throughProxy(direct.redisUrl, redis),
    databaseUrl: throughProxy(direct.databaseUrl, postgres),
  };
}

function targetOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

function throughProxy(url: string, { host, port }: TcpProxy): string {
  const changed = new URL(url);
  changed.host = `${host}:${port}`;
  return changed.href;
}
