import { isIP } from 'node:net';

/** How an instance stands in the registry. */
export type InstanceStatus = 'UP' | 'OUT_OF_SERVICE';

/** What is told of an instance, whatever its status. */
export interface InstanceFacts {
  /** Service id. */
  readonly appName: string;
  readonly host: string;
  /** Where `host` is a name: an address of it. */
  readonly address: string;
  readonly port: number;
  readonly internalPort: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly renewalMs: number;
}

/** Renewals that may be missed before Eureka forgets the instance. */
const RENEWALS_PER_LEASE = 3;

/** Unique in its app, and the same after a restart at the same place, so that the newcomer replaces what was there. */
export function instanceIdOf({ host, appName, port }: InstanceFacts): string {
  return `${host}:${appName}:${port}`;
}

/** Body of `POST /apps/{app}`, as com.netflix.appinfo.InstanceInfo is written in JSON. */
export function instanceDocument(facts: InstanceFacts, status: InstanceStatus, nowMs: number) {
  const { appName, host, address, port, internalPort, metadata, renewalMs } = facts;
  const internalUrl = `http://${inUrl(host)}:${internalPort}`;
  const renewalIntervalInSecs = Math.ceil(renewalMs / 1_000);
  return {
    instance: {
      instanceId: instanceIdOf(facts),
      app: appName.toUpperCase(),
      vipAddress: appName,
      secureVipAddress: appName,
      hostName: host,
      ipAddr: isIP(host) === 0 ? address : host,
      status,
      overriddenStatus: 'UNKNOWN',
      port: { $: port, '@enabled': 'true' },
      securePort: { $: 443, '@enabled': 'false' },
      countryId: 1,
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
      leaseInfo: { renewalIntervalInSecs, durationInSecs: RENEWALS_PER_LEASE * renewalIntervalInSecs },
      metadata: { ...metadata, 'management.port': String(internalPort) },
      homePageUrl: `http://${inUrl(host)}:${port}/`,
      statusPageUrl: `${internalUrl}/version`,
      healthCheckUrl: `${internalUrl}/readyz`,
      isCoordinatingDiscoveryServer: 'false',
      lastUpdatedTimestamp: String(nowMs),
      lastDirtyTimestamp: String(nowMs),
      actionType: 'ADDED',
    },
  };
}

function inUrl(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
