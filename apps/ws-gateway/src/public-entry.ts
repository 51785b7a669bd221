import { createClientAddress } from '@chat/auth';
import type { SharedRates } from '@chat/redis';
import { HttpListener, type Clock, type Logger } from '@chat/service-kit';
import type { Gateway } from './broker/gateway.ts';
import type { GatewayConfig } from './config.ts';
import { frameLimitsOf, wsMessageMaxBytes } from './limits.ts';
import type { GatewayMetrics } from './metrics.ts';
import { Conversation } from './transport/conversation.ts';
import { answerPlainHttp, WebSocketEntry } from './transport/websocket-entry.ts';

export interface PublicEntryOptions {
  readonly config: GatewayConfig;
  readonly gateway: Gateway;
  readonly rates: SharedRates;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** Where clients come in: the public listener and, started after it, the WebSockets on it. */
export function createPublicEntry({ config, gateway, rates, clock, metrics, logger }: PublicEntryOptions) {
  const ofAllSessions = { heartBeat: { sendMs: config.heartBeatMs, wantMs: config.heartBeatMs }, limits: config };
  const ofAllConversations = {
    ...{ gateway, metrics, logger, liveness: config, maxInFlightSends: config.maxInFlightSends },
    frameLimits: frameLimitsOf(config),
    now: () => clock.now(),
  };
  const listener = new HttpListener({
    name: 'public listener',
    host: config.host,
    port: config.port,
    handler: answerPlainHttp,
  });
  const webSockets = new WebSocketEntry({
    server: listener.server,
    connectionLimits: config,
    allowedOrigins: config.allowedOrigins,
    perAddress: {
      rate: rates.limit('connects-address', config.maxConnectsPerSecondPerIp),
      addressOf: createClientAddress(config.trustedProxies),
    },
    limits: { ...config, maxMessageBytes: wsMessageMaxBytes(config.maxFrameBytes) },
    createConversation: (link, about) =>
      new Conversation({ ...ofAllConversations, link, session: { ...about, ...ofAllSessions } }),
    metrics,
    logger,
  });
  return { listener, webSockets };
}
