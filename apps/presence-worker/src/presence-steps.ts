import type { LoadedUser, PresenceCondition, PresenceStore, StepAddress, StepOutcome } from '@chat/redis';
import { ChatError } from '@chat/service-kit';
import { STEP_MAX_ATTEMPTS } from './limits.ts';
import type { PresenceMetrics } from './metrics.ts';
import type { OwnedShards } from './owned-shards.ts';
import type { PresenceChange } from './presence-change.ts';
import { transition, type PresenceInput } from './transition.ts';

export interface PresenceStepsOptions {
  readonly store: PresenceStore;
  readonly shards: Pick<OwnedShards, 'agendaOf'>;
  readonly graceMs: number;
  readonly metrics: PresenceMetrics;
  /** Monotonic time in ms. */
  readonly now?: () => number;
}

/** Makes steps of users' presence: load, decide, apply; decided anew where the user changed in between. */
export class PresenceSteps {
  readonly #options: PresenceStepsOptions;
  readonly #now: () => number;

  constructor(options: PresenceStepsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
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
      const outcome = await this.#apply(address, loaded, change, condition);
      if (outcome === 'CHANGED') continue;
      if (outcome !== 'APPLIED') return outcome;
      this.#noteOnAgenda(address.shard, change);
      if (change.announces !== undefined) metrics.transitions.inc({ event: change.announces.event });
      return 'DONE';
    }
    throw new ChatError('UNAVAILABLE', { message: 'A user changes faster than a step can be made.' });
  }

  /** Where the answer was lost the step may have been applied, with a deadline or a gateway that only a look finds. */
  async #apply(
    address: StepAddress,
    loaded: LoadedUser,
    change: PresenceChange,
    condition: PresenceCondition | null,
  ): Promise<StepOutcome> {
    try {
      return await this.#options.store.applyChange(address, loaded, change, condition);
    } catch (error) {
      this.#options.shards.agendaOf(address.shard)?.lookSoon();
      throw error;
    }
  }

  #noteOnAgenda(shard: number, { session, deadline }: PresenceChange): void {
    const agenda = this.#options.shards.agendaOf(shard);
    if (typeof session === 'object') agenda?.noteGateway(session.gatewayId);
    if (typeof deadline === 'number') agenda?.noteDeadline(deadline, this.#now());
  }
}
