import { join } from 'node:path';
import { ServiceUnderTest } from '@chat/testing';
import type { CloudTestConfig } from './config.ts';

/** A virtual machine that starts fast and stays small. */
const JAVA = ['java', '-Xmx256m', '-XX:TieredStopAtLevel=1', '-jar'] as const;
/** Longest that a server or an app may take to start, in ms, several of them at once on two cores. */
export const READY_DEADLINE_MS = 120_000;

export const CONFIG_CREDENTIALS = { user: 'chat', password: 'password-of-the-config-server' };
export const GATEWAY_SECRET = 'a-key-of-the-api-gateway-with-more-than-32-bytes';

/** Served by the config server. */
const CONFIG_FOLDER = join(import.meta.dirname, '../config');

type Server = 'eureka-server' | 'config-server' | 'api-gateway';

/** One of the servers below `servers/`, not started yet. */
function springServer(
  { serversDir, logDir }: CloudTestConfig,
  server: Server,
  port: number,
  { name = server, ...env }: Readonly<Record<string, string>>,
): ServiceUnderTest {
  return new ServiceUnderTest({
    name,
    script: join(serversDir, server, `${server}.jar`),
    runtime: JAVA,
    env: { SERVER_ADDRESS: '127.0.0.1', SERVER_PORT: String(port), ...env },
    logFile: join(logDir, `${name}.log`),
    readyUrl: `http://127.0.0.1:${port}/actuator/health`,
    readyDeadlineMs: READY_DEADLINE_MS,
  });
}

export function eurekaServer(config: CloudTestConfig, port: number): ServiceUnderTest {
  return springServer(config, 'eureka-server', port, {});
}

export function configServer(config: CloudTestConfig, port: number): ServiceUnderTest {
  return springServer(config, 'config-server', port, {
    CONFIG_FOLDER: `file:${CONFIG_FOLDER}/`,
    CONFIG_USER: CONFIG_CREDENTIALS.user,
    CONFIG_PASSWORD: CONFIG_CREDENTIALS.password,
  });
}

/** Spring Cloud Gateway, with the routes of its application.yml, or of the profile. */
export function apiGateway(
  config: CloudTestConfig,
  { port, eurekaPort, profile }: { readonly port: number; readonly eurekaPort: number; readonly profile?: 'one-id' },
): ServiceUnderTest {
  return springServer(config, 'api-gateway', port, {
    EUREKA_URL: `http://127.0.0.1:${eurekaPort}/eureka`,
    CHAT_GATEWAYKEY_ID: 'edge',
    CHAT_GATEWAYKEY_SECRET: GATEWAY_SECRET,
    ...(profile !== undefined && { name: `api-gateway-${profile}`, SPRING_PROFILES_ACTIVE: profile }),
  });
}
