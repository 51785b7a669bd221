import type { Revocation } from '@chat/dto';
import { ChatError, pause, type Clock, type Logger, type Service } from '@chat/service-kit';
import type { Caller } from './caller.ts';

/** Revocations that an instance knows at most, about 100 bytes each; more, and it forgets the eldest and says so as an error. */
export const REVOCATIONS_MAX_COUNT = 200_000;
/** How often the stored ones are looked at, in ms: for what was published just before this instance began to read the log. */
export const REVOCATIONS_LOOK_EVERY_MS = 5_000;
/** By how much a look goes back behind the one before it, in ms: what was stored meanwhile may have been committed late. */
const LOOK_OVERLAP_MS = 60_000;
/** How often the first look is tried, and how long between two attempts, in ms. */
const FIRST_LOOKS = 10;
const FIRST_LOOK_RETRY_MS = 500;

type StoredRevocation = Exclude<Revocation, { kind: 'session' }>;

export interface RevocationsOptions {
  /** Those that count at `now`; with `withinMs` those that were stored in the last so many ms. */
  readonly listStored: (now: Date, limit: number, withinMs?: number) => Promise<readonly StoredRevocation[]>;
  /** How far the clock of who issues tokens may be ahead of that of who revokes, in ms; 0 by default. */
  readonly toleranceMs?: number;
  readonly maxCount?: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What is known of a subject: `user:<id>` or `token:<id>`; Unix ms. */
interface Known {
  readonly issuedBefore: number;
  readonly expiresAt: number;
}

/**
 * What is revoked, in memory: heard of by the log, and read from Postgres at start and again and again. While Postgres is away
 * what is known stays known. Who verifies tokens asks it for each.
 */
export class Revocations implements Service {
  readonly name = 'revocations';
  readonly #options: RevocationsOptions;
  readonly #known = new Map<string, Known>();
  readonly #stopping = new AbortController();
  #onNews: (revocation: Revocation) => void = () => {};
  #lookedAt: number | null = null;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: RevocationsOptions) {
    this.#options = options;
  }

  /** Called for each that is new here, once it counts. Must not throw. */
  onNews(listener: (revocation: Revocation) => void): void {
    this.#onNews = listener;
  }

  /** Resolves once what is stored is known. Rejects where it cannot be read: who does not know it must let nobody in. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#look();
        break;
      } catch (error) {
        if (attempt === FIRST_LOOKS || this.#stopping.signal.aborted) throw error;
      }
      await pause(FIRST_LOOK_RETRY_MS, this.#stopping.signal);
    }
    this.#looking = this.#lookOnAndOn();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
  }

  /** One was heard of; whom it means is refused from now on. */
  take(revocation: Revocation): void {
    if (revocation.kind === 'session') return this.#onNews(revocation);
    if (this.#remember(revocation)) this.#onNews(revocation);
  }

  /** Null where the token of this caller counts; REVOKED where it does not. One that does not say when it was issued is older than all. */
  refusalOf({ userId, token }: Caller): ChatError | null {
    const ofToken = this.#known.get(`token:${token.id}`);
    const ofUser = this.#known.get(`user:${userId}`);
    const isMeant =
      ofUser !== undefined && (token.issuedAt ?? -Infinity) <= ofUser.issuedBefore + (this.#options.toleranceMs ?? 0);
    if (!isMeant && ofToken === undefined) return null;
    return new ChatError('REVOKED', { message: 'The token was revoked: sign in again for a new one.' });
  }

  #remember(revocation: StoredRevocation): boolean {
    const subject = revocation.kind === 'user' ? `user:${revocation.userId}` : `token:${revocation.tokenId}`;
    const known = this.#known.get(subject);
    const issuedBefore = Math.max(known?.issuedBefore ?? 0, revocation.kind === 'user' ? revocation.issuedBefore : 0);
    const expiresAt = Math.max(known?.expiresAt ?? 0, revocation.expiresAt);
    if (expiresAt <= this.#options.clock.now()) return false;
    this.#known.set(subject, { issuedBefore, expiresAt });
    if (this.#known.size > (this.#options.maxCount ?? REVOCATIONS_MAX_COUNT)) this.#forgetOne();
    return known === undefined || issuedBefore > known.issuedBefore;
  }

  #forgetOne(): void {
    const [eldest = ''] = this.#known.keys();
    this.#known.delete(eldest);
    this.#options.logger.error(
      { count: this.#known.size },
      'there are more revocations than an instance knows: one counts no more',
    );
  }

  async #lookOnAndOn(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause(REVOCATIONS_LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      await this.#look().catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'stored revocations could not be read; those known go on counting');
      });
    }
  }

  async #look(): Promise<void> {
    const { listStored, clock, maxCount = REVOCATIONS_MAX_COUNT } = this.#options;
    const now = clock.now();
    for (const [subject, { expiresAt }] of this.#known) if (expiresAt <= now) this.#known.delete(subject);
    const withinMs = this.#lookedAt === null ? undefined : Math.max(0, now - this.#lookedAt) + LOOK_OVERLAP_MS;
    const stored = await listStored(new Date(now), maxCount, withinMs);
    for (const revocation of stored.toReversed()) this.take(revocation); // the eldest first: it is forgotten first
    this.#lookedAt = now;
  }
}
