import type { ClosedReason, ConnectionLoss, TokenReason } from '../api.ts';
import type { ChatClientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';
import { backoffMs } from './backoff.ts';
import { closeAdvice } from './close-advice.ts';

type Phase =
  | { readonly name: 'offline'; readonly reason: 'not-started' | 'paused' | 'no-network' }
  | { readonly name: 'closed'; readonly reason: ClosedReason; readonly error: ChatClientError | null }
  | { readonly name: 'waiting'; readonly until: number; readonly tokenReason: TokenReason }
  | { readonly name: 'awaiting-token'; readonly tokenReason: TokenReason }
  | { readonly name: 'opening' }
  | { readonly name: 'up'; readonly since: number };

/** All that decides what a connection does next. */
export interface Connection {
  readonly phase: Phase;
  /** Tries in a row that came to nothing, or to no session that lasted. */
  readonly attempt: number;
  /** Index of the gateway of this try or the next one. */
  readonly gateway: number;
  /** How the last session ended; null where there was none since `connect`. */
  readonly loss: ConnectionLoss | null;
  /** Tokens in a row that were refused. */
  readonly refusedTokenCount: number;
  readonly hasNetwork: boolean;
}

export type ConnectionEvent =
  | {
      readonly is: 'connect' | 'pause' | 'close' | 'waited' | 'token-given' | 'token-failed' | 'no-token' | 'connected';
    }
  | { readonly is: 'network'; readonly isThere: boolean }
  | { readonly is: 'lost'; readonly loss: ConnectionLoss };

/** What is to be done, in this order. */
export type ConnectionEffect =
  | { readonly do: 'get-token'; readonly reason: TokenReason }
  | { readonly do: 'open'; readonly gateway: number }
  | { readonly do: 'wait'; readonly ms: number }
  /** Nothing that was begun counts any more: the pause, the token, the socket; say DISCONNECT where there is a session. */
  | { readonly do: 'hang-up' };

export interface Surroundings {
  /** Ms. */
  readonly now: number;
  readonly random: () => number;
  readonly gatewayCount: number;
  readonly limits: ChatLimits;
}

export type Step = readonly [Connection, readonly ConnectionEffect[]];

/** Refusals of a token after which another one is not asked for. */
const REFUSED_TOKENS_MAX_COUNT = 2;
/** Where the pauses begin after the service said that it cannot take more now (close 1013). */
const LATER_FROM_ATTEMPT = 3;

export const NOT_STARTED: Connection = {
  phase: { name: 'offline', reason: 'not-started' },
  attempt: 0,
  gateway: 0,
  loss: null,
  refusedTokenCount: 0,
  hasNetwork: true,
};

/** The connection's one state machine. Events that come too late for a phase change nothing. */
export function transition(connection: Connection, event: ConnectionEvent, around: Surroundings): Step {
  const { phase } = connection;
  switch (event.is) {
    case 'connect':
      return start(connection);
    case 'pause':
      return phase.name === 'closed' ? [connection, []] : hangUp(connection, { name: 'offline', reason: 'paused' });
    case 'close':
      return hangUp(connection, { name: 'closed', reason: 'client', error: null });
    case 'network':
      return networkChanged({ ...connection, hasNetwork: event.isThere });
    case 'waited':
      return phase.name === 'waiting' ? askForToken(connection, phase.tokenReason) : [connection, []];
    case 'token-given':
      if (phase.name !== 'awaiting-token') return [connection, []];
      return [{ ...connection, phase: { name: 'opening' } }, [{ do: 'open', gateway: connection.gateway }]];
    case 'no-token':
      return phase.name === 'awaiting-token' ? closeFor(connection, 'unauthenticated', null) : [connection, []];
    case 'token-failed':
      if (phase.name !== 'awaiting-token') return [connection, []];
      return tryAgain({ ...connection, attempt: connection.attempt + 1 }, around, phase.tokenReason);
    case 'connected':
      if (phase.name !== 'opening') return [connection, []];
      return [{ ...connection, phase: { name: 'up', since: around.now }, refusedTokenCount: 0 }, []];
    case 'lost':
      return lost(connection, event.loss, around);
  }
}

function start(connection: Connection): Step {
  const { phase, hasNetwork } = connection;
  if (phase.name === 'waiting') return askForToken(connection, phase.tokenReason);
  if (phase.name !== 'offline' && phase.name !== 'closed') return [connection, []];
  const loss = phase.name === 'offline' ? connection.loss : null;
  const fresh = { ...NOT_STARTED, gateway: connection.gateway, loss, hasNetwork };
  return hasNetwork
    ? askForToken(fresh, 'connect')
    : [{ ...fresh, phase: { name: 'offline', reason: 'no-network' } }, []];
}

function networkChanged(connection: Connection): Step {
  const { phase, hasNetwork } = connection;
  const isOffline = phase.name === 'offline';
  if (hasNetwork)
    return isOffline && phase.reason === 'no-network' ? askForToken(connection, 'connect') : [connection, []];
  return isOffline || phase.name === 'closed'
    ? [connection, []]
    : hangUp(connection, { name: 'offline', reason: 'no-network' });
}

function hangUp(connection: Connection, phase: Phase): Step {
  const wasUp = connection.phase.name === 'up';
  const loss = wasUp ? { code: 1000, error: null } : connection.loss;
  return [{ ...connection, phase, loss, attempt: 0 }, [{ do: 'hang-up' }]];
}

function closeFor(connection: Connection, reason: ClosedReason, error: ChatClientError | null): Step {
  return [{ ...connection, phase: { name: 'closed', reason, error } }, [{ do: 'hang-up' }]];
}

function askForToken(connection: Connection, reason: TokenReason): Step {
  return [{ ...connection, phase: { name: 'awaiting-token', tokenReason: reason } }, [{ do: 'get-token', reason }]];
}

function lost(connection: Connection, loss: ConnectionLoss, around: Surroundings): Step {
  const { phase } = connection;
  if (phase.name !== 'opening' && phase.name !== 'up') return [connection, []];
  const wasUp = phase.name === 'up';
  const wasStable = wasUp && around.now - phase.since >= around.limits.stableAfterMs;
  const advice = closeAdvice(loss.code, loss.error?.code ?? null);
  const next: Connection = {
    ...connection,
    loss: wasUp ? loss : connection.loss,
    attempt: (wasStable ? 0 : connection.attempt) + 1,
    gateway: (connection.gateway + 1) % around.gatewayCount,
  };
  switch (advice.comeBack) {
    case 'never':
      return closeFor(next, advice.reason, loss.error);
    case 'with-new-token':
      return withNewToken({ ...next, gateway: connection.gateway }, loss, around);
    case 'at-once':
      return waitFor(next, Math.round(around.random() * around.limits.restartSpreadMs), around);
    case 'later':
      return tryAgain({ ...next, attempt: Math.max(next.attempt, LATER_FROM_ATTEMPT) }, around);
    case 'with-backoff':
      return tryAgain(next, around);
  }
}

/** The first time at once; a second refusal in a row means that no token will do. */
function withNewToken(connection: Connection, { error }: ConnectionLoss, around: Surroundings): Step {
  const next = { ...connection, refusedTokenCount: connection.refusedTokenCount + 1 };
  if (next.refusedTokenCount >= REFUSED_TOKENS_MAX_COUNT) return closeFor(next, 'unauthenticated', error);
  return next.attempt <= 1 ? askForToken(next, 'refused') : tryAgain(next, around, 'refused');
}

function tryAgain(connection: Connection, around: Surroundings, reason?: TokenReason): Step {
  const { backoffMinMs, backoffMaxMs } = around.limits;
  const ms = backoffMs(connection.attempt, { minMs: backoffMinMs, maxMs: backoffMaxMs }, around.random);
  return waitFor(connection, ms, around, reason);
}

function waitFor(
  connection: Connection,
  ms: number,
  { now }: Surroundings,
  tokenReason: TokenReason = 'connect',
): Step {
  return [{ ...connection, phase: { name: 'waiting', until: now + ms, tokenReason } }, [{ do: 'wait', ms }]];
}
