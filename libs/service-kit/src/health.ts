import { withDeadline } from './deadline.ts';

/** One thing an app needs to be ready: throws with a sentence while it is not; what it answers is shown as details. */
export interface HealthCheck {
  readonly name: string;
  check(): unknown;
}

export interface DependencyState {
  readonly status: 'UP' | 'DOWN';
  readonly reason?: string;
  /** Further facts, such as what a topic promises. */
  readonly details?: unknown;
}

export interface Readiness {
  readonly status: 'UP' | 'DOWN' | 'OUT_OF_SERVICE';
  readonly dependencies: Readonly<Record<string, DependencyState>>;
}

/** Longest wait for one check of `/readyz`, in ms. */
const CHECK_DEADLINE_MS = 2_000;

/** Whether this instance can take work: every check by name, and whether it is starting or draining. */
export class Health {
  readonly #checks: HealthCheck[] = [];
  readonly #optionalChecks: HealthCheck[] = [];
  #serving = false;

  /** Without any of these the instance is not ready. */
  add(...checks: readonly HealthCheck[]): void {
    this.#checks.push(...checks);
  }

  /** Shown like the others; without these the instance does less, but takes work. */
  addOptional(...checks: readonly HealthCheck[]): void {
    this.#optionalChecks.push(...checks);
  }

  /** Called once everything has started. */
  markServing(): void {
    this.#serving = true;
  }

  /** Called first when the instance is told to stop: it takes no new work from then on. */
  markDraining(): void {
    this.#serving = false;
  }

  /** Nothing is asked while clients are being opened or closed: a question then could be what opens or breaks one. */
  async readiness(): Promise<Readiness> {
    if (!this.#serving) return this.#outOfService();
    const [needed, optional] = await Promise.all([statesOf(this.#checks), statesOf(this.#optionalChecks)]);
    const up = needed.every(([, state]) => state.status === 'UP');
    return {
      status: up ? 'UP' : 'DOWN',
      dependencies: Object.fromEntries([...needed, ...optional]),
    };
  }

  #outOfService(): Readiness {
    const names = [...this.#checks, ...this.#optionalChecks].map(({ name }) => name);
    return { status: 'OUT_OF_SERVICE', dependencies: Object.fromEntries(names.map((name) => [name, NOT_ASKED])) };
  }
}

const NOT_ASKED: DependencyState = { status: 'DOWN', reason: 'not asked while the app starts or stops' };

function statesOf(checks: readonly HealthCheck[]): Promise<Array<readonly [string, DependencyState]>> {
  return Promise.all(checks.map(async (check) => [check.name, await stateOf(check)] as const));
}

async function stateOf(check: HealthCheck): Promise<DependencyState> {
  try {
    const asked = Promise.resolve(check.check());
    const details = await withDeadline(asked, CHECK_DEADLINE_MS, `the check of ${check.name}`);
    return details === undefined ? { status: 'UP' } : { status: 'UP', details };
  } catch (error) {
    return { status: 'DOWN', reason: error instanceof Error ? error.message : String(error) };
  }
}
