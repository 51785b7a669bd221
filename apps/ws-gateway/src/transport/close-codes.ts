import type { CloseReason } from '../stomp/close-reasons.ts';

/** Why a WebSocket ended: closed by the gateway, cut since it was silent, closed by the client, or gone without a close. */
export type EndReason = CloseReason | 'SILENT' | 'CLIENT' | 'LOST';

/** Whether a client should connect again after a close, and when. */
export type ReconnectAdvice = 'never' | 'at once' | 'with backoff' | 'with a new token';

/** Every code the gateway closes a WebSocket with; clients may build on them. */
export const CLOSE_CODES = {
  NORMAL: { code: 1000, reconnect: 'never', meaning: 'the client said DISCONNECT' },
  PROTOCOL: { code: 1002, reconnect: 'never', meaning: 'a frame broke the protocol; ERROR says how' },
  POLICY: {
    code: 1008,
    reconnect: 'with a new token',
    meaning: 'bad or expired token at CONNECT, or a request that policy forbids',
  },
  TOO_BIG: { code: 1009, reconnect: 'never', meaning: 'a frame or a WebSocket message was over its limit' },
  RESTART: { code: 1012, reconnect: 'at once', meaning: 'the instance restarts; connect again within 5 s' },
  OVERLOADED: {
    code: 1013,
    reconnect: 'with backoff',
    meaning: 'the client was too slow, or the service cannot take it now',
  },
  TOKEN_EXPIRED: { code: 4001, reconnect: 'with a new token', meaning: 'the token expired during the session' },
  REVOKED: { code: 4003, reconnect: 'never', meaning: 'the session, or its token, was revoked' },
} as const satisfies Record<CloseReason, { code: number; reconnect: ReconnectAdvice; meaning: string }>;
