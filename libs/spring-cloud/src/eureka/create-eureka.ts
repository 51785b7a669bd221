import { networkInterfaces } from 'node:os';
import type { ConfigOf, HealthCheck, HttpListener, Logger, Service, VersionInfo } from '@chat/service-kit';
import { EurekaRegistration } from './eureka-registration.ts';
import { firstAddress, ownHost } from './own-host.ts';
import type { eurekaSettings } from './settings.ts';

export interface EurekaOptions {
  readonly config: ConfigOf<ReturnType<typeof eurekaSettings>> & { readonly host: string };
  /** Where work comes in. */
  readonly listener: Pick<HttpListener, 'port'>;
  readonly internalListener: Pick<HttpListener, 'port'>;
  readonly version: VersionInfo;
  /** What is spoken at the public port, and where. */
  readonly metadata: { readonly protocol: 'http' | 'websocket'; readonly path: string };
  readonly logger: Logger;
  /** Whether the process ends for a fatal error. */
  readonly hasFailed: () => boolean;
}

/** What an app adds to its services and checks to be in the registry; empty lists where it shall not be. */
export interface EurekaParts {
  /** Right behind the internal listener. */
  readonly lease: readonly Service[];
  /** Behind all others. */
  readonly announcement: readonly Service[];
  /** Optional ones: chat goes on without Eureka. */
  readonly checks: readonly HealthCheck[];
}

/** The registration that EUREKA_URL asks for. */
export function createEureka(options: EurekaOptions): EurekaParts {
  const { config, listener, internalListener, logger, hasFailed } = options;
  if (config.eurekaUrls.length === 0) return { lease: [], announcement: [], checks: [] };
  const interfaces = networkInterfaces();
  const registration = new EurekaRegistration({
    servers: config.eurekaUrls,
    facts: () => ({
      appName: config.eurekaAppName,
      host: ownHost(config.eurekaHost, config.host, interfaces),
      address: firstAddress(interfaces),
      port: listener.port,
      internalPort: internalListener.port,
      metadata: { ...metadataOf(options), ...config.eurekaMetadata },
      renewalMs: config.eurekaRenewalMs,
    }),
    drainPauseMs: () => (hasFailed() ? 0 : config.eurekaDrainPauseMs),
    logger,
  });
  return { lease: [registration.lease], announcement: [registration.announcement], checks: [registration.check] };
}

function metadataOf({ version: { app, version, instanceId }, metadata }: EurekaOptions) {
  return { app, version, instanceId, ...metadata };
}
