import { withDeadline } from './deadline.ts';

/** One thing an app needs to be ready: throws with a sentence while it is not; what it answers is shown as details. */
export interface HealthCheck {
  readonly name: string;
  check(): unknown;
}

export interface DependencyState extends CheckResult {
  /** Whether the instance is not ready without it. */
  readonly needed: boolean;
}

/** What came of a check. */
interface CheckResult {
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
/** Longest wait for what is optional, in ms: whoever asks whether work can be sent here is not kept waiting by it. */
const OPTIONAL_WAIT_MS = 100;

/** Whether this instance can take work: every check by name, and whether it is starting or draining. */
export class Health {
  readonly #checks: HealthCheck[] = [];
  readonly #optionalChecks: OptionalCheck[] = [];
  #serving = false;

  /** Without any of these the instance is not ready. */
  add(...checks: readonly HealthCheck[]): void {
    this.#checks.push(...checks);
  }

  /** Shown like the others, by their last answer where they are late; without these the instance does less, but takes work. */
  addOptional(...checks: readonly HealthCheck[]): void {
    this.#optionalChecks.push(...checks.map((check) => new OptionalCheck(check)));
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
    const [needed, optional] = await Promise.all([
      Promise.all(this.#checks.map(async (check) => neededState(check, await resultOf(check)))),
      Promise.all(this.#optionalChecks.map(async (check) => optionalState(check, await check.result()))),
    ]);
    const up = needed.every(([, { status }]) => status === 'UP');
    return { status: up ? 'UP' : 'DOWN', dependencies: Object.fromEntries([...needed, ...optional]) };
  }

  #outOfService(): Readiness {
    const dependencies = Object.fromEntries([
      ...this.#checks.map((check) => neededState(check, NOT_ASKED)),
      ...this.#optionalChecks.map((check) => optionalState(check, NOT_ASKED)),
    ]);
    return { status: 'OUT_OF_SERVICE', dependencies };
  }
}

const NOT_ASKED: CheckResult = { status: 'DOWN', reason: 'not asked while the app starts or stops' };
const NOT_ANSWERED: CheckResult = { status: 'DOWN', reason: 'has not answered yet' };

type Named = Pick<HealthCheck, 'name'>;
const neededState = ({ name }: Named, result: CheckResult) => [name, { ...result, needed: true }] as const;
const optionalState = ({ name }: Named, result: CheckResult) => [name, { ...result, needed: false }] as const;

/** Asked once at a time; while it does not answer, what it answered before counts. */
class OptionalCheck {
  readonly #check: HealthCheck;
  #last = NOT_ANSWERED;
  #asking: Promise<void> | null = null;

  constructor(check: HealthCheck) {
    this.#check = check;
  }

  get name(): string {
    return this.#check.name;
  }

  async result(): Promise<CheckResult> {
    this.#asking ??= this.#ask();
    await withDeadline(this.#asking, OPTIONAL_WAIT_MS, this.name).catch(() => undefined); // late: its last answer counts
    return this.#last;
  }

  async #ask(): Promise<void> {
    this.#last = await resultOf(this.#check);
    this.#asking = null;
  }
}

async function resultOf(check: HealthCheck): Promise<CheckResult> {
  try {
    const asked = Promise.resolve(check.check());
    const details = await withDeadline(asked, CHECK_DEADLINE_MS, `the check of ${check.name}`);
    return details === undefined ? { status: 'UP' } : { status: 'UP', details };
  } catch (error) {
    return { status: 'DOWN', reason: error instanceof Error ? error.message : String(error) };
  }
}
