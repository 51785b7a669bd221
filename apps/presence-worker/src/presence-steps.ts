import type { PresenceCondition, PresenceStore, StepAddress } from '@chat/redis';
import { ChatError } from '@chat/service-kit';
import { STEP_MAX_ATTEMPTS } from './limits.ts';
import type { PresenceMetrics } from './metrics.ts';
import { transition, type PresenceInput } from './transition.ts';

export interface PresenceStepsOptions {
  readonly store: PresenceStore;
  readonly graceMs: number;
  readonly metrics: PresenceMetrics;
}

/** Makes steps of users' presence: load, decide, apply; decided anew where the user changed in between. */
export class PresenceSteps {
  readonly #options: PresenceStepsOptions;

  constructor(options: PresenceStepsOptions) {
    this.#options = options;
  }

  /**
   * DONE also where there was nothing to change; HELD where the condition does not hold (any more), STALE where the shard is
   * another's. Rejects with UNAVAILABLE while Redis does not answer: the step may then be made again.
   */
  async take(
    address: StepAddress,
    input: PresenceInput,
    condition: PresenceCondition | null = null,
  ): Promise<'DONE' | 'HELD' | 'STALE'> {
    const { store, graceMs, metrics } = this.#options;
    for (let attempt = 0; attempt < STEP_MAX_ATTEMPTS; attempt += 1) {
      const loaded = await store.loadUser(address);
      if (loaded === null) return 'STALE';
      const change = transition(loaded.snapshot, input, graceMs);
      if (change === null) return 'DONE';
      const outcome = await store.applyChange(address, loaded, change, condition);
      if (outcome === 'CHANGED') continue;
      if (outcome !== 'APPLIED') return outcome;
      if (change.announces !== undefined) metrics.transitions.inc({ event: change.announces.event });
      return 'DONE';
    }
    throw new ChatError('UNAVAILABLE', { message: 'A user changes faster than a step can be made.' });
  }
}
