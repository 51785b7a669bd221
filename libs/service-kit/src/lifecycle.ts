import { withDeadline } from './deadline.ts';
import type { Logger } from './logger.ts';

/** Something with a beginning and an end. `stop` may be called whether or not `start` has finished. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** One service, or several that need nothing of each other: they start and stop at the same time. */
export type Stage = Service | readonly Service[];

/** What is kept of the time to stop for each stage that comes later, in ms: one that hangs takes it from nobody. */
const STAGE_RESERVE_MS = 250;

/** Services started in order and stopped in reverse, all under one deadline. */
export class ServiceGroup {
  readonly #stages: readonly (readonly Service[])[];
  readonly #logger: Logger;
  readonly #begun: (readonly Service[])[] = [];
  readonly #unstopped = new Set<Service>();
  #isStopping = false;

  constructor(stages: readonly Stage[], logger: Logger) {
    this.#stages = stages.map((stage) => (isOne(stage) ? [stage] : stage));
    this.#logger = logger;
  }

  /** Starts one stage after another until `stop` is called; the first failure is thrown, with what was begun left to `stop`. */
  async start(): Promise<void> {
    for (const stage of this.#stages) {
      if (this.#isStopping) return;
      this.#begun.push(stage);
      for (const service of stage) this.#unstopped.add(service);
      await Promise.all(stage.map((service) => service.start()));
    }
  }

  /** Names of the services that were begun and have not ended, the first to start first. */
  get unstopped(): readonly string[] {
    return Array.from(this.#unstopped, ({ name }) => name);
  }

  /**
   * Stops whatever was begun; resolves by the deadline, after which `unstopped` has whoever hangs. A service that fails or
   * hangs does not keep the others from stopping.
   */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    const endAt = performance.now() + deadlineMs;
    const stages = this.#begun.splice(0).reverse();
    for (const [index, stage] of stages.entries()) {
      const reservedMs = (stages.length - 1 - index) * STAGE_RESERVE_MS;
      const leftMs = Math.max(0, endAt - reservedMs - performance.now());
      await Promise.all(stage.map((service) => this.#stopOne(service, leftMs)));
    }
  }

  async #stopOne(service: Service, deadlineMs: number): Promise<void> {
    const what = `stopping ${service.name}`;
    try {
      const stopped = service.stop().finally(() => this.#unstopped.delete(service));
      await withDeadline(stopped, deadlineMs, what);
    } catch (error) {
      this.#logger.error({ err: error, service: service.name }, 'a service did not stop cleanly');
    }
  }
}

function isOne(stage: Stage): stage is Service {
  return 'name' in stage;
}
