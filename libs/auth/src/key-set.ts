import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ChatError, type Clock } from '@chat/service-kit';
import { z } from 'zod';
import { isTooShort } from './public-key.ts';

/** Longest wait for the whole key set, in ms. */
const FETCH_TIMEOUT_MS = 2_000;
/** From what age on a key set is asked for again, in ms, while it goes on being used. */
const KEY_SET_REFRESH_AGE_MS = 300_000;
/** How long it is used without an answer from its issuer, in ms: as long is a key good that was taken back. */
export const KEY_SET_MAX_AGE_MS = 600_000;
/** How long it goes on being used while its issuer does not answer, in ms. */
export const KEY_SET_STALE_MAX_AGE_MS = 6 * 3_600_000;
/** Shortest time between two requests, in ms: made-up key ids must not become load on the issuer. */
export const KEY_SET_COOLDOWN_MS = 5_000;
/** For how long after a request that failed nobody with a known key waits for another one, in ms. */
const KEY_SET_FAILURE_MS = 60_000;
/** Keys of a set that are looked at. */
const KEYS_MAX_COUNT = 32;

/** RFC 7517 §5. Without `keys` it is none, and nothing is known of the keys; with an empty one there are none any more. */
const JwkSetSchema = z.object({ keys: z.array(z.unknown()) });
const JWK_FIELDS = { use: z.literal('sig').optional(), kid: z.string().optional(), d: z.undefined().optional() };
/** What may verify a signature here; whatever else is in a set is passed over, a private key too. */
const JwkSchema = z.discriminatedUnion('kty', [
  z.object({ kty: z.literal('RSA'), n: z.string(), e: z.string(), ...JWK_FIELDS }),
  z.object({ kty: z.literal('EC'), crv: z.string(), x: z.string(), y: z.string(), ...JWK_FIELDS }),
]);

interface FetchedKeys {
  readonly keys: ReadonlyMap<string | undefined, KeyObject>;
  /** The key that a token means which names none: the one of the set, if there is but one. */
  readonly only: KeyObject | undefined;
  readonly at: number;
}

/**
 * The signing keys of an issuer, by their ids, as a whole: what it adds is found at the next unknown id, what it takes back is
 * gone with the next set. While it does not answer the last set goes on being used, for a bounded time, and who has a known key
 * waits for it once in a while at most.
 */
export class KeySet {
  readonly #url: string;
  readonly #clock: Clock;
  #fetched: FetchedKeys | null = null;
  #askedAt = -Infinity;
  #failedAt = -Infinity;
  #fetching: Promise<void> | null = null;

  constructor(url: string, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
  }

  /** Rejects with UNAUTHENTICATED where the set has no such key, UNAVAILABLE where it cannot be known. */
  async find(keyId: string | undefined): Promise<KeyObject> {
    const known = this.#keyOf(keyId);
    if (known !== undefined && this.#isGoodForNow()) {
      if (this.#age >= KEY_SET_REFRESH_AGE_MS) this.#refresh().catch(() => {}); // the next one to ask hears of it
      return known;
    }
    try {
      await this.#refresh();
    } catch (error) {
      if (known !== undefined && this.#age < KEY_SET_STALE_MAX_AGE_MS) return known;
      throw new ChatError('UNAVAILABLE', { message: 'The keys of the tokens cannot be fetched.', cause: error });
    }
    const key = this.#keyOf(keyId);
    if (key === undefined) throw new ChatError('UNAUTHENTICATED', { message: 'The token names an unknown key.' });
    return key;
  }

  /** Whether nobody need wait for a newer set. */
  #isGoodForNow(): boolean {
    if (this.#age < KEY_SET_MAX_AGE_MS) return true;
    return this.#age < KEY_SET_STALE_MAX_AGE_MS && this.#clock.now() - this.#failedAt < KEY_SET_FAILURE_MS;
  }

  get #age(): number {
    return this.#clock.now() - (this.#fetched?.at ?? -Infinity);
  }

  #keyOf(keyId: string | undefined): KeyObject | undefined {
    return keyId === undefined ? this.#fetched?.only : this.#fetched?.keys.get(keyId);
  }

  /** One request for all who wait. Soon after one that was answered it does nothing, after one that failed it rejects. */
  async #refresh(): Promise<void> {
    if (this.#fetching === null) {
      const now = this.#clock.now();
      if (now - this.#askedAt < KEY_SET_COOLDOWN_MS) {
        if (this.#fetched?.at === this.#askedAt) return;
        throw new Error('the key set was asked for a moment ago');
      }
      this.#askedAt = now;
      this.#fetching = this.#fetch(now).finally(() => (this.#fetching = null));
    }
    await this.#fetching;
  }

  async #fetch(now: number): Promise<void> {
    try {
      const keys = await fetchKeys(this.#url);
      this.#fetched = { keys: new Map(keys), only: keys.length === 1 ? keys[0]?.[1] : undefined, at: now };
    } catch (error) {
      this.#failedAt = this.#clock.now();
      throw error;
    }
  }
}

/** Rejects where there is no answer, or one that is no key set. */
async function fetchKeys(url: string): Promise<ReadonlyArray<readonly [string | undefined, KeyObject]>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new Error(`the key set was answered with ${response.status}`);
  const { keys } = JwkSetSchema.parse(await response.json());
  return keys.slice(0, KEYS_MAX_COUNT).flatMap((each) => {
    const { data: jwk } = JwkSchema.safeParse(each);
    const key = jwk === undefined ? null : publicKeyOf(jwk);
    return key === null ? [] : [[jwk?.kid, key] as const];
  });
}

/** Null for what is no key, and for a weak one. */
function publicKeyOf(jwk: z.infer<typeof JwkSchema>): KeyObject | null {
  const key: JsonWebKey =
    jwk.kty === 'RSA' ? { kty: 'RSA', n: jwk.n, e: jwk.e } : { kty: 'EC', crv: jwk.crv, x: jwk.x, y: jwk.y };
  try {
    const publicKey = createPublicKey({ key, format: 'jwk' });
    return isTooShort(publicKey) ? null : publicKey;
  } catch {
    return null; // the others of the set count all the same
  }
}
