import { STOMP_VERSIONS, SUB_PROTOCOLS, type StompVersion } from './frame.ts';

/** The best of the WebSocket sub-protocols that a client offers, or null where it offers none of STOMP's. */
export function chooseSubProtocol(offered: Iterable<string>): string | null {
  const names = new Set(offered);
  return [...SUB_PROTOCOLS.keys()].find((name) => names.has(name)) ?? null;
}

/**
 * The highest version that both sides speak, or null where there is none. A CONNECT without `accept-version` speaks 1.0
 * (1.1, "Protocol Negotiation"); a WebSocket sub-protocol narrows the choice to its own version.
 */
export function negotiateVersion(
  acceptVersion: string | undefined,
  subProtocol: StompVersion | null,
): StompVersion | null {
  const accepted = new Set((acceptVersion ?? '1.0').split(',').map((version) => version.trim()));
  const common = STOMP_VERSIONS.filter(
    (version) => accepted.has(version) && (subProtocol === null || version === subProtocol),
  );
  return common.at(-1) ?? null;
}

/** What one side of a connection says of heart-beats, in ms; 0 means not at all. */
export interface HeartBeat {
  /** It can send one at least this often. */
  readonly sendMs: number;
  /** It would like to get one at least this often. */
  readonly wantMs: number;
}

/** Reads a `heart-beat` header; none is the same as `0,0` (1.1, "Heart-beating"). Null where it is malformed. */
export function parseHeartBeat(header: string | undefined): HeartBeat | null {
  if (header === undefined) return { sendMs: 0, wantMs: 0 };
  const match = /^([0-9]{1,9}),([0-9]{1,9})$/.exec(header);
  return match === null ? null : { sendMs: Number(match[1]), wantMs: Number(match[2]) };
}

/** The server's side of the agreement: how often it sends and how often it expects, 0 for never (MAX rule). */
export function agreeHeartBeat(server: HeartBeat, client: HeartBeat): { sendEveryMs: number; expectEveryMs: number } {
  return {
    sendEveryMs: server.sendMs === 0 || client.wantMs === 0 ? 0 : Math.max(server.sendMs, client.wantMs),
    expectEveryMs: server.wantMs === 0 || client.sendMs === 0 ? 0 : Math.max(server.wantMs, client.sendMs),
  };
}
