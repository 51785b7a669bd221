export type { BaseUrl } from './base-urls.ts';
export { configServer } from './config/config-server.ts';
export { createEureka, type EurekaOptions, type EurekaParts } from './eureka/create-eureka.ts';
export { ownHost } from './eureka/own-host.ts';
export { eurekaSettings } from './eureka/settings.ts';
