import { pause, withDeadline, type HealthCheck, type Logger, type Service } from '@chat/service-kit';
import type { BaseUrl } from '../base-urls.ts';
import { doStep } from './eureka-servers.ts';
import { instanceIdOf, type InstanceFacts } from './instance.ts';
import {
  afterStep,
  nextStep,
  pauseBefore,
  UNREGISTERED,
  want,
  type EurekaStep,
  type Registration,
} from './registration.ts';

/** Longest that a drain waits for Eureka to hear of it, in ms. */
const OUT_OF_SERVICE_DEADLINE_MS = 1_000;
/** Longest that an exit waits for Eureka to forget the instance, in ms. */
const DEREGISTER_DEADLINE_MS = 2_000;

export interface EurekaRegistrationOptions {
  /** At least one; the first that answers is kept to. */
  readonly servers: readonly BaseUrl[];
  /** Asked once the instance takes work, when its ports are known. */
  readonly facts: () => InstanceFacts;
  /** From OUT_OF_SERVICE to the end of `announcement.stop`, in ms; asked then. */
  readonly drainPauseMs: () => number;
  readonly logger: Logger;
}

/**
 * An instance in the registry from its start to its end. Two services, between which stands all that takes work: the
 * `announcement`, started last and stopped first, says UP and OUT_OF_SERVICE; the `lease`, started first and stopped last,
 * is renewed meanwhile and deregisters. Neither ever waits for a Eureka server longer than a moment, nor fails because of one.
 */
export class EurekaRegistration {
  readonly lease: Service;
  readonly announcement: Service;
  /** Up while Eureka has what it should have; its details are the instance id and the status there. */
  readonly check: HealthCheck = { name: 'eureka', check: () => this.#look() };
  readonly #options: EurekaRegistrationOptions;
  #registration: Registration = UNREGISTERED;
  #failure: string | null = null;
  /** Aborted when something else is wanted than what is waited for. */
  #change = new AbortController();
  #loop: Promise<void> | null = null;
  #whenSettled = Promise.withResolvers<void>();

  constructor(options: EurekaRegistrationOptions) {
    this.#options = options;
    this.lease = { name: 'eureka lease', start: () => Promise.resolve(), stop: () => this.#deregister() };
    this.announcement = {
      name: 'eureka announcement',
      start: () => Promise.resolve(this.#begin()),
      stop: () => this.#announceDrain(),
    };
  }

  #look(): unknown {
    const { known, wanted } = this.#registration;
    if (known !== wanted || this.#failure !== null) throw new Error(this.#failure ?? 'not registered yet');
    return { instanceId: instanceIdOf(this.#options.facts()), status: known };
  }

  #begin(): void {
    this.#loop ??= this.#run();
  }

  async #announceDrain(): Promise<void> {
    if (this.#loop === null) return;
    this.#want('OUT_OF_SERVICE');
    await withDeadline(this.#whenSettled.promise, OUT_OF_SERVICE_DEADLINE_MS, 'OUT_OF_SERVICE').then(
      () => pause(this.#options.drainPauseMs()),
      () => undefined, // nobody was told, so nobody needs time to hear of it
    );
  }

  async #deregister(): Promise<void> {
    if (this.#loop === null) return;
    this.#want('GONE');
    await withDeadline(this.#loop, DEREGISTER_DEADLINE_MS, 'deregistering').catch(() => undefined); // told below
    if (this.#registration.known === 'NOTHING') return;
    this.#options.logger.warn(
      { reason: this.#failure },
      'left without deregistering: Eureka forgets it when its lease ends',
    );
  }

  #want(wanted: Registration['wanted']): void {
    this.#registration = want(this.#registration, wanted);
    this.#whenSettled = Promise.withResolvers();
    this.#change.abort();
  }

  async #run(): Promise<void> {
    const { servers, facts } = this.#options;
    const instance = facts();
    for (;;) {
      const change = (this.#change = new AbortController());
      const times = { serverCount: servers.length, renewalMs: instance.renewalMs, random: Math.random() };
      const waitMs = pauseBefore(this.#registration, times);
      if (waitMs > 0) await pause(waitMs, change.signal);
      if (change.signal.aborted) continue;
      const step = nextStep(this.#registration, servers.length);
      if (step === null) return;
      await this.#do(step, { facts: instance, signal: change.signal });
    }
  }

  async #do(step: EurekaStep, asked: { readonly facts: InstanceFacts; readonly signal: AbortSignal }): Promise<void> {
    const { servers } = this.#options;
    const server = servers[this.#registration.server];
    if (server === undefined) throw new RangeError('EurekaRegistration needs a server');
    const result = await doStep(step, server, asked);
    this.#registration = afterStep(this.#registration, step, result.outcome, servers.length);
    if (result.outcome !== 'aborted') this.#tell(step, server, result.outcome === 'failed' ? result.reason : null);
    if (this.#registration.known === this.#registration.wanted) this.#whenSettled.resolve();
  }

  /** A line when it changes, not at each renewal. */
  #tell(step: EurekaStep, { url }: BaseUrl, failure: string | null): void {
    const { logger } = this.#options;
    if (failure !== null && this.#failure === null) logger.warn({ reason: failure }, 'Eureka does not answer');
    if (failure === null && this.#failure !== null) logger.info({ url }, 'Eureka answers again');
    this.#failure = failure;
    if (failure !== null) return;
    if (step.kind === 'set-status') logger.info({ url, status: step.status }, 'registered with Eureka');
    if (step.kind === 'deregister') logger.info({ url }, 'deregistered from Eureka');
  }
}
