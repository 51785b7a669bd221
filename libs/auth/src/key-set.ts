import { createPublicKey, type KeyObject } from 'node:crypto';
import { ChatError, type Clock } from '@chat/service-kit';
import { JwksClient } from 'jwks-rsa';

/** Longest wait for the whole key set, in ms. */
const FETCH_TIMEOUT_MS = 2_000;
/** How long a key set is used without asking again, in ms: as long is a key good that its issuer has taken back. */
export const KEY_SET_MAX_AGE_MS = 600_000;
/** How long it goes on being used while its issuer does not answer, in ms. */
export const KEY_SET_STALE_MAX_AGE_MS = 6 * 3_600_000;
/** Shortest time between two requests, in ms: made-up key ids must not become load on the issuer. */
export const KEY_SET_COOLDOWN_MS = 5_000;
/** Keys of a set that are looked at. */
const KEYS_MAX_COUNT = 32;

interface FetchedKeys {
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** The key that a token means which names none: the one of the set, if there is but one. */
  readonly only: KeyObject | undefined;
  readonly at: number;
}

/**
 * The signing keys of an issuer, by their ids, as a whole: what it adds is found at the next unknown id, what it takes back is
 * gone with the next set. While it does not answer the last set goes on being used, for a bounded time.
 */
export class KeySet {
  readonly #client: JwksClient;
  readonly #clock: Clock;
  #fetched: FetchedKeys | null = null;
  #askedAt = -Infinity;
  #fetching: Promise<void> | null = null;

  constructor(jwksUri: string, clock: Clock) {
    this.#client = new JwksClient({ jwksUri, fetcher: fetchKeySet, cache: false, rateLimit: false });
    this.#clock = clock;
  }

  /** Rejects with UNAUTHENTICATED where the set has no such key, UNAVAILABLE where it cannot be known. */
  async find(keyId: string | undefined): Promise<KeyObject> {
    const known = this.#keyOf(keyId);
    if (known !== undefined && this.#age < KEY_SET_MAX_AGE_MS) return known;
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
    const found = (await this.#client.getSigningKeys()).slice(0, KEYS_MAX_COUNT);
    const keys = found.map((key) => [key.kid, createPublicKey(key.getPublicKey())] as const);
    this.#fetched = { keys: new Map(keys), only: keys.length === 1 ? keys[0]?.[1] : undefined, at: now };
  }
}

/** jwks-rsa's own request ends only when nothing comes for a while: not when bytes drip, nor when the answer breaks off. */
async function fetchKeySet(url: string): Promise<{ keys: unknown }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new Error(`the key set was answered with ${response.status}`);
  return (await response.json()) as { keys: unknown }; // jwks-rsa judges what is in it
}
