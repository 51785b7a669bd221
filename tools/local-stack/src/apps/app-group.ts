import { join } from 'node:path';
import { takePort, type Ports } from '../ports.ts';
import type { Run } from '../processes/run.ts';
import { appEnvironment, type PlacedApp, type StackAddresses } from '../stack/app-environment.ts';
import { stopWaves, type AppInstance } from './app-table.ts';
import { SupervisedApp } from './supervised-app.ts';

/** An app drains within 25 s of SIGTERM. */
const STOP_GRACE_MS = 25_000;
const PROBE_DEADLINE_MS = 2_000;

export interface AppGroupOptions {
  readonly run: Run;
  readonly rootDir: string;
  readonly logDir: string;
  readonly say: (line: string) => void;
}

/** What can be done to an app of a running stack: a crash, an orderly end that lasts, and the end of that. */
export const APP_VERBS = ['kill', 'stop', 'start'] as const;
export type AppVerb = (typeof APP_VERBS)[number];

/** READY answers `/readyz` with 200, STARTING runs and does not, ENDED will be started again, STOPPED when it is asked for. */
export type AppState = 'READY' | 'STARTING' | 'ENDED' | 'STOPPED';

export interface AppStatus {
  readonly name: string;
  readonly state: AppState;
  /** Of the process that runs, or of the last one. */
  readonly pid: number;
}

export interface StartOptions {
  readonly ports: Ports;
  /** True tries the usual ports first; false always takes others. */
  readonly usesStandardPorts: boolean;
  readonly addresses: StackAddresses;
  /** Called when an app has got another process. */
  readonly onRestart: () => void;
}

/** The apps of a running stack. */
export class AppGroup {
  readonly #options: AppGroupOptions;
  #placed: PlacedApp[] = [];
  readonly #apps = new Map<string, SupervisedApp>();

  constructor(options: AppGroupOptions) {
    this.#options = options;
  }

  get placed(): readonly PlacedApp[] {
    return this.#placed;
  }

  pids(): Record<string, number> {
    return Object.fromEntries([...this.#apps].map(([name, app]) => [name, app.pid]));
  }

  /** Starts all at once and waits until each is ready; throws the StartError of the first that fails. */
  async start(instances: readonly AppInstance[], options: StartOptions): Promise<void> {
    const placed: PlacedApp[] = [];
    const placing = { ...options, say: this.#options.say };
    for (const instance of instances) placed.push(await place(instance, placing));
    this.#placed = placed;
    for (const app of placed) this.#apps.set(app.name, this.#supervise(app, options));
    await Promise.all([...this.#apps.values()].map((app) => app.start()));
  }

  /** What each app is doing now. */
  async statuses(): Promise<AppStatus[]> {
    return Promise.all(
      this.#placed.map(async ({ name, ports }) => {
        const app = this.#apps.get(name);
        return { name, state: await stateOf(app, ports.internal), pid: app?.pid ?? 0 };
      }),
    );
  }

  /** Does that to the app of the name, without waiting for what comes of it; false where there is no such app. */
  act(name: string, verb: AppVerb): boolean {
    const app = this.#apps.get(name);
    if (app === undefined) return false;
    if (verb === 'kill') app.kill();
    else if (verb === 'start') app.resume();
    else void app.suspend();
    return true;
  }

  /** Stops wave after wave, the instances of one at the same time. */
  async stop(): Promise<void> {
    for (const wave of stopWaves(this.#placed)) {
      await Promise.all(wave.map(({ name }) => this.#apps.get(name)?.stop()));
    }
  }

  #supervise(app: PlacedApp, { addresses, onRestart }: StartOptions): SupervisedApp {
    const { run, rootDir, logDir, say } = this.#options;
    return new SupervisedApp({
      name: app.name,
      spawn: (isRestart) =>
        run.spawn({
          name: app.name,
          command: process.execPath,
          args: ['--enable-source-maps', join(rootDir, 'apps', app.app, 'dist/main.js')],
          cwd: rootDir,
          env: appEnvironment(app, addresses),
          logFile: join(logDir, `${app.name}.log`),
          keepsLog: isRestart,
          stopGraceMs: STOP_GRACE_MS,
        }),
      isReady: () => answersReady(app.ports.internal),
      onRestart,
      say,
    });
  }
}

/** The ports of one app: where the usual ones are asked for and one is taken, the user is told which it is instead. */
export async function place(
  instance: AppInstance,
  { ports, usesStandardPorts, say }: Pick<StartOptions, 'ports' | 'usesStandardPorts'> & Pick<AppGroupOptions, 'say'>,
): Promise<PlacedApp> {
  const { name, publicPort, internalPort } = instance;
  const take = (wanted: number) => (usesStandardPorts ? takePort({ ports, wanted, name, say }) : ports.take());
  return {
    ...instance,
    ports: {
      public: publicPort === null ? null : await take(publicPort),
      internal: await take(internalPort),
    },
  };
}

async function stateOf(app: SupervisedApp | undefined, internalPort: number): Promise<AppState> {
  if (app === undefined || app.isSuspended) return 'STOPPED';
  if (!app.isRunning) return 'ENDED';
  return (await answersReady(internalPort).catch(() => false)) ? 'READY' : 'STARTING';
}

async function answersReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) });
  await response.arrayBuffer();
  return response.status === 200;
}
