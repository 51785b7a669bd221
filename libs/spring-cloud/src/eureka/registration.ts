import { backoffMs } from '../backoff.ts';
import type { InstanceStatus } from './instance.ts';

/** Pause after all servers have failed once, and the longest one, in ms. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** What Eureka is wanted to have of this instance, and what it is known to have. */
export interface Registration {
  readonly wanted: InstanceStatus | 'GONE';
  /** `UNSURE`: it has the instance, in a status that an earlier life may have set. */
  readonly known: InstanceStatus | 'UNSURE' | 'NOTHING';
  /** Requests in a row that had no answer. */
  readonly failureCount: number;
  /** Which of the servers is asked. */
  readonly server: number;
}

export const UNREGISTERED: Registration = { wanted: 'UP', known: 'NOTHING', failureCount: 0, server: 0 };

/** What is to be asked of Eureka next. */
export type EurekaStep =
  | { readonly kind: 'register'; readonly status: InstanceStatus }
  | { readonly kind: 'set-status'; readonly status: InstanceStatus }
  | { readonly kind: 'renew' | 'deregister' };

/** `unknown`: Eureka has no such instance. `failed`: there was no answer, or none that says anything. `aborted`: nobody waited for it. */
export type StepOutcome = 'done' | 'unknown' | 'failed' | 'aborted';

export interface RegistrationTimes {
  readonly serverCount: number;
  readonly renewalMs: number;
  /** From 0 up to 1. */
  readonly random: number;
}

/** The next step; null where there is nothing more to do: it is gone, or the servers that should forget it have all failed. */
export function nextStep({ wanted, known, failureCount }: Registration, serverCount: number): EurekaStep | null {
  if (wanted === 'GONE') {
    const isOver = known === 'NOTHING' || failureCount >= serverCount;
    return isOver ? null : { kind: 'deregister' };
  }
  if (known === 'NOTHING') return { kind: 'register', status: wanted };
  return known === wanted ? { kind: 'renew' } : { kind: 'set-status', status: wanted };
}

/** How long to wait before the next step, in ms: changes at once, what has failed at every server later and later. */
export function pauseBefore(registration: Registration, times: RegistrationTimes): number {
  const { wanted, known, failureCount } = registration;
  const { serverCount, renewalMs, random } = times;
  if (failureCount === 0) return known === wanted ? renewalMs : 0;
  if (wanted === 'GONE' || failureCount % serverCount !== 0) return 0;
  const longestMs = Math.min(LONGEST_PAUSE_MS, renewalMs);
  return backoffMs({ firstMs: FIRST_PAUSE_MS, longestMs, round: failureCount / serverCount - 1, random });
}

/** What is known once a step has its outcome. */
export function afterStep(
  registration: Registration,
  step: EurekaStep,
  outcome: StepOutcome,
  serverCount: number,
): Registration {
  if (outcome === 'aborted') return { ...registration, known: knownAfterAborted(registration, step) };
  if (outcome === 'failed') {
    const server = (registration.server + 1) % serverCount;
    return { ...registration, failureCount: registration.failureCount + Number(isOfNow(registration, step)), server };
  }
  return {
    ...registration,
    known: outcome === 'unknown' ? 'NOTHING' : knownAfter(registration, step),
    failureCount: 0,
  };
}

/** Another status is wanted: what has failed before counts no more, it is tried at once. */
export function want(registration: Registration, wanted: Registration['wanted']): Registration {
  return { ...registration, wanted, failureCount: 0 };
}

/** Whoever is to forget the instance has not failed to by what was asked before that. */
function isOfNow({ wanted }: Registration, { kind }: EurekaStep): boolean {
  return wanted !== 'GONE' || kind === 'deregister';
}

/** Eureka may have heard of it all the same. */
function knownAfterAborted({ known }: Registration, { kind }: EurekaStep): Registration['known'] {
  return kind === 'register' || kind === 'set-status' ? 'UNSURE' : known;
}

function knownAfter({ known }: Registration, step: EurekaStep): Registration['known'] {
  if (step.kind === 'register') return 'UNSURE';
  if (step.kind === 'set-status') return step.status;
  return step.kind === 'deregister' ? 'NOTHING' : known;
}
