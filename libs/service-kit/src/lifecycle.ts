import { withDeadline } from './deadline.ts';
import type { Logger } from './logger.ts';

/** Something with a beginning and an end. `stop` may be called whether or not `start` has finished. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Services started in order and stopped in reverse, all under one deadline. */
export class ServiceGroup {
  readonly #services: readonly Service[];
  readonly #logger: Logger;
  readonly #started: Service[] = [];

  constructor(services: readonly Service[], logger: Logger) {
    this.#services = services;
    this.#logger = logger;
  }

  /** Starts one after another; the first failure is thrown, with what was started left to `stop`. */
  async start(): Promise<void> {
    for (const service of this.#services) {
      this.#started.push(service);
      await service.start();
    }
  }

  /** Stops whatever was started. A service that fails or hangs does not keep the others from stopping. */
  async stop(deadlineMs: number): Promise<void> {
    const endAt = Date.now() + deadlineMs;
    for (const service of this.#started.splice(0).reverse()) {
      try {
        await withDeadline(service.stop(), Math.max(1, endAt - Date.now()), `stopping ${service.name}`);
      } catch (error) {
        this.#logger.error({ err: error, service: service.name }, 'a service did not stop cleanly');
      }
    }
  }
}
