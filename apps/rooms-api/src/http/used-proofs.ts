import { GATEWAY_SIGNATURE_MAX_SKEW_SECONDS } from '@chat/auth';
import { USED_PROOFS_MAX_COUNT } from '../limits.ts';

/** A proof counts for no longer after it was first seen, be the clocks as far apart as they may, in ms. */
const PROOF_LIFE_MS = (2 * GATEWAY_SIGNATURE_MAX_SKEW_SECONDS + 1) * 1_000;

export interface UsedProofsOptions {
  /** Notes a use for all instances, and says when it was first used anywhere; rejects while that cannot be known. */
  readonly share: (proofId: string, now: number, lifeMs: number) => Promise<number | null>;
  readonly maxCount?: number;
}

/** Which proofs were used: on all instances, and while those cannot be asked on this one. */
export class UsedProofs {
  readonly #options: UsedProofsOptions;
  /** Unix ms of the first use here, the eldest first. */
  readonly #used = new Map<string, number>();

  constructor(options: UsedProofsOptions) {
    this.#options = options;
  }

  /** Notes a use; Unix ms of the first one, null where this is it. Never rejects. */
  async use(proofId: string, now: number): Promise<number | null> {
    const here = this.#useHere(proofId, now);
    const elsewhere = await this.#options.share(proofId, now, PROOF_LIFE_MS).catch(() => null); // what this instance knows counts
    if (here === null || elsewhere === null) return here ?? elsewhere;
    return Math.min(here, elsewhere);
  }

  #useHere(proofId: string, now: number): number | null {
    for (const [eldest, at] of this.#used) {
      if (now - at <= PROOF_LIFE_MS && this.#used.size < (this.#options.maxCount ?? USED_PROOFS_MAX_COUNT)) break;
      this.#used.delete(eldest);
    }
    const before = this.#used.get(proofId);
    if (before !== undefined) return before;
    this.#used.set(proofId, now);
    return null;
  }
}
