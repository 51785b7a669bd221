import { GATEWAY_SIGNATURE_MAX_SKEW_SECONDS } from '@chat/auth';
import { findingsOf, type Finding } from './finding.ts';

const clock = findingsOf('clock');

/** A difference that needs no word, in ms: what asking costs is in it. */
const UNNOTICED_MS = 500;
const STRICT_MS = GATEWAY_SIGNATURE_MAX_SKEW_SECONDS * 1000;
const REMEDY = 'Let a time service (chrony, systemd-timesyncd) set the clocks of both machines.';

/** One look at another machine's clock. */
export interface ClockSight {
  readonly of: string;
  /** What it said, in Unix ms. */
  readonly nowMs: number;
  /** This machine's clock when it was asked and when it had answered, in Unix ms. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** How far this machine's clock is from another one, in the middle of the question. */
export function judgeClock({ of, nowMs, askedAt, answeredAt }: ClockSight): Finding {
  const aheadMs = Math.round((askedAt + answeredAt) / 2 - nowMs);
  const uncertainMs = Math.ceil((answeredAt - askedAt) / 2);
  const difference = `this machine is ${Math.abs(aheadMs)} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} ${of} (give or take ${uncertainMs} ms)`;
  const surelyMs = Math.abs(aheadMs) - uncertainMs;
  if (surelyMs <= UNNOTICED_MS) return clock.ok(difference);
  if (surelyMs < STRICT_MS)
    return clock.warning(`${difference}: instants of messages and presence differ by as much`, REMEDY);
  return clock.error(`${difference}: tokens and signatures of the API gateway are taken for expired`, REMEDY);
}
