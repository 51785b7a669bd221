/** Why the gateway closes a WebSocket; the transport turns each into its close code. */
export const CLOSE_REASONS = [
  'NORMAL',
  'PROTOCOL',
  'POLICY',
  'TOO_BIG',
  'RESTART',
  'OVERLOADED',
  'TOKEN_EXPIRED',
  'REVOKED',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];
