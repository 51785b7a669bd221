import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterStep,
  nextStep,
  pauseBefore,
  UNREGISTERED,
  want,
  type EurekaStep,
  type Registration,
  type StepOutcome,
} from './registration.ts';

const times = { serverCount: 2, renewalMs: 30_000, random: 1 };

/** The steps taken from a registration under these outcomes, each with the pause before it and the server asked. */
function course(registration: Registration, ...outcomes: StepOutcome[]) {
  const steps: string[] = [];
  let current = registration;
  for (const outcome of outcomes) {
    const step = nextStep(current, times.serverCount);
    if (step === null) break;
    const status = 'status' in step ? ` ${step.status}` : '';
    steps.push(`${pauseBefore(current, times)} ms: ${step.kind}${status} at ${current.server}`);
    current = afterStep(current, step, outcome, times.serverCount);
  }
  return { steps, current, next: nextStep(current, times.serverCount) };
}

const registered = course(UNREGISTERED, 'done', 'done').current;

describe('an instance in Eureka', () => {
  it('registers at once, takes back what an earlier life has said, and is renewed from then on', () => {
    const { steps } = course(UNREGISTERED, 'done', 'done', 'done', 'done');
    expect(steps).toEqual([
      '0 ms: register UP at 0',
      '0 ms: set-status UP at 0',
      '30000 ms: renew at 0',
      '30000 ms: renew at 0',
    ]);
  });

  it('registers again at once when Eureka has forgotten it', () => {
    expect(course(registered, 'unknown', 'done', 'done').steps).toEqual([
      '30000 ms: renew at 0',
      '0 ms: register UP at 0',
      '0 ms: set-status UP at 0',
    ]);
  });

  it('goes to the next server when one does not answer, and waits longer and longer once all have failed', () => {
    const { steps } = course(registered, 'failed', 'failed', 'failed', 'failed', 'failed', 'done', 'done');
    expect(steps).toEqual([
      '30000 ms: renew at 0',
      '0 ms: renew at 1',
      '500 ms: renew at 0',
      '0 ms: renew at 1',
      '1000 ms: renew at 0',
      '0 ms: renew at 1',
      '30000 ms: renew at 1',
    ]);
  });

  it('never waits longer than a quarter of a minute for a server that was away', () => {
    const pauses = course(UNREGISTERED, ...Array<StepOutcome>(40).fill('failed')).steps;
    expect(pauses.at(-2)).toBe('15000 ms: register UP at 0');
  });

  it('says OUT_OF_SERVICE at once when it drains, is renewed meanwhile, and deregisters', () => {
    const draining = course(want(registered, 'OUT_OF_SERVICE'), 'done', 'done');
    expect(draining.steps).toEqual(['0 ms: set-status OUT_OF_SERVICE at 0', '30000 ms: renew at 0']);
    const gone = course(want(draining.current, 'GONE'), 'done');
    expect(gone.steps).toEqual(['0 ms: deregister at 0']);
    expect(gone.next).toBeNull();
  });

  it('that is forgotten while it drains registers as OUT_OF_SERVICE and says so once more', () => {
    const draining = want(registered, 'OUT_OF_SERVICE');
    expect(course(draining, 'unknown', 'done', 'done').steps).toEqual([
      '0 ms: set-status OUT_OF_SERVICE at 0',
      '0 ms: register OUT_OF_SERVICE at 0',
      '0 ms: set-status OUT_OF_SERVICE at 0',
    ]);
  });

  it('has nothing to take back where it never was registered', () => {
    expect(nextStep(want(UNREGISTERED, 'GONE'), 2)).toBeNull();
  });

  it('asks every server once to forget it, and no more', () => {
    expect(course(want(registered, 'GONE'), 'failed', 'failed', 'failed').steps).toEqual([
      '0 ms: deregister at 0',
      '0 ms: deregister at 1',
    ]);
  });

  it('is still asked to be forgotten where a request from before has failed meanwhile', () => {
    const renewal = nextStep(registered, 2) as EurekaStep; // it is registered
    const leaving = afterStep(want(registered, 'GONE'), renewal, 'failed', 2);
    expect(course(leaving, 'failed', 'failed').steps).toEqual(['0 ms: deregister at 1', '0 ms: deregister at 0']);
  });

  it('that leaves while it registers is taken back, since Eureka may have heard of it', () => {
    const leaving = want(UNREGISTERED, 'GONE');
    const aborted = afterStep(leaving, { kind: 'register', status: 'UP' }, 'aborted', 2);
    expect(course(aborted, 'unknown').steps).toEqual(['0 ms: deregister at 0']);
    expect(afterStep(registered, { kind: 'renew' }, 'aborted', 2)).toEqual(registered);
  });

  it('is in Eureka as it should be, whatever has happened, soon after both servers answer again', () => {
    const outcome = fc.constantFrom<StepOutcome>('done', 'unknown', 'failed', 'aborted');
    const event = fc.oneof({ weight: 5, arbitrary: outcome }, { weight: 1, arbitrary: fc.constant('drain' as const) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let current = UNREGISTERED;
        for (const happened of events) {
          if (happened === 'drain') current = want(current, 'OUT_OF_SERVICE');
          else current = afterStep(current, nextStep(current, 2) as EurekaStep, happened, 2); // it has one while it is not gone
          expect(pauseBefore(current, times)).toBeLessThanOrEqual(times.renewalMs);
          expect(current.server).toBeLessThan(2);
        }
        const { current: end } = course(current, 'unknown', 'done', 'done');
        expect(end.known).toBe(current.wanted);
        expect(course(want(end, 'GONE'), 'done').next).toBeNull();
      }),
    );
  });
});
