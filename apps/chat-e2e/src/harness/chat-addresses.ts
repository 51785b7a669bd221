import type { InstanceName } from './app-instances.ts';

/** Everything a test needs to know of a running chat; plain data, so that one process can tell another. */
export interface ChatAddresses {
  /** Of rooms-api, without a path. */
  readonly restUrl: string;
  readonly internalUrl: string;
  /** Of the two gateways, with their path. */
  readonly wsUrls: readonly [string, string];
  /** Internal listeners by instance. */
  readonly internalUrls: Readonly<Record<InstanceName, string>>;
  readonly pids: Readonly<Record<InstanceName, number>>;
  readonly jwtSecret: string;
  readonly gatewayKey: { readonly id: string; readonly secret: string };
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly kafkaBrokers: string;
  /** Stands before every topic name. */
  readonly topicPrefix: string;
  readonly presenceGraceMs: number;
  /** Where the apps send their traces; empty where they make none. */
  readonly collectorUrl: string;
}
