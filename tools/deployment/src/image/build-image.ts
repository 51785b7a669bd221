import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRepository, readRepositoryFile } from '../repository.ts';
import { runTool } from '../run-tool.ts';
import { expand, jsonWordsOf, pairsOf, readDockerfile, type Dockerfile, type Stage, type Step } from './dockerfile.ts';
import { DockerIgnore } from './dockerignore.ts';
import { enterCommand } from './enter.ts';

/** `npm ci` and the build on a slow machine. */
const RUN_DEADLINE_MS = 15 * 60_000;

/** What the steps of the Dockerfile have made: a root folder and how a process starts in it. */
export interface Image {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  /** Entry point and command. */
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

interface Building {
  readonly root: string;
  env: Record<string, string>;
  args: Record<string, string>;
  workdir: string;
  user: string;
  entrypoint: readonly string[];
  cmd: readonly string[];
  healthcheck: readonly string[];
}

/**
 * Does what the Dockerfile says, without an engine: a stage is a folder, COPY copies, and RUN runs with that folder as its
 * root. The base image is this system with the project's Node, so packages of the system are those that are installed here.
 * Stages that do not name an argument are made once for all images of one builder.
 */
export class ImageBuilder {
  readonly #folder: string;
  readonly #dockerfile: Dockerfile = readDockerfile();
  readonly #made = new Map<string, Promise<Building>>();
  readonly #say: (line: string) => void;

  constructor(folder: string, say: (line: string) => void) {
    this.#folder = folder;
    this.#say = say;
  }

  async build(args: Readonly<Record<string, string>>): Promise<Image> {
    const last = this.#dockerfile.stages.at(-1);
    if (last === undefined) throw new Error('the Dockerfile has no stage');
    const { root, env, workdir, user, entrypoint, cmd, healthcheck } = await this.#stage(last.name, args);
    return { root, env, workdir, user, command: [...entrypoint, ...cmd], healthcheck };
  }

  #stage(name: string, args: Readonly<Record<string, string>>): Promise<Building> {
    const stage = this.#dockerfile.stages.find((one) => one.name === name);
    if (stage === undefined) throw new Error(`the Dockerfile has no stage ${name}`);
    const taken = Object.fromEntries(Object.entries(args).filter(([arg]) => this.#takes(stage, arg)));
    const key = [name, ...Object.values(taken)].join('-');
    const made = this.#made.get(key) ?? this.#make(stage, join(this.#folder, key), args);
    this.#made.set(key, made);
    return made;
  }

  /** Whether a stage, or one that it copies from or begins with, has this argument. */
  #takes(stage: Stage, arg: string): boolean {
    const sources = [stage.from, ...stage.steps.flatMap(({ flags }) => flags['from'] ?? [])];
    const stages = this.#dockerfile.stages.filter(({ name }) => sources.includes(name));
    return (
      stage.steps.some((step) => step.keyword === 'ARG' && arg in pairsOf(step)) ||
      stages.some((one) => this.#takes(one, arg))
    );
  }

  async #make(stage: Stage, root: string, args: Readonly<Record<string, string>>): Promise<Building> {
    const isStage = this.#dockerfile.stages.some(({ name }) => name === stage.from);
    const base = isStage ? await this.#stage(stage.from, args) : null;
    mkdirSync(root, { recursive: true });
    if (base !== null) await copy(`${base.root}/.`, root);
    const fresh = { env: {}, workdir: '/', user: '0:0', entrypoint: [], cmd: [], healthcheck: [] };
    const building: Building = { ...fresh, ...base, root, args: {} };
    for (const step of stage.steps) await this.#take(step, building, args);
    return building;
  }

  async #take(step: Step, building: Building, args: Readonly<Record<string, string>>): Promise<void> {
    const text = expand(step.text, { ...building.args, ...building.env });
    switch (step.keyword) {
      case 'ARG':
        for (const [name, standard] of Object.entries(pairsOf(step))) building.args[name] = args[name] ?? standard;
        return;
      case 'ENV':
        building.env = { ...building.env, ...pairsOf({ ...step, text }) };
        return;
      case 'WORKDIR':
        building.workdir = text;
        mkdirSync(join(building.root, text), { recursive: true });
        return;
      case 'COPY':
        return this.#copy(step, text, building, args);
      case 'RUN':
        this.#say(`RUN ${text}`);
        return runInside(building, step.text);
      case 'USER':
        building.user = text;
        return;
      case 'ENTRYPOINT':
        building.entrypoint = jsonWordsOf({ text });
        return;
      case 'CMD':
        building.cmd = jsonWordsOf({ text });
        return;
      case 'HEALTHCHECK':
        building.healthcheck = jsonWordsOf({ text });
        return;
      case 'LABEL':
      case 'STOPSIGNAL':
        return; // dockerfile.spec.ts
      default:
        throw new Error(`this builder does not know ${step.keyword}`);
    }
  }

  async #copy(
    { flags }: Step,
    text: string,
    building: Building,
    args: Readonly<Record<string, string>>,
  ): Promise<void> {
    const [source = '', target = ''] = text.split(/\s+/);
    const to = join(building.root, building.workdir, target);
    const { from } = flags;
    if (from === undefined) return copyContext(source, to);
    const path = join((await this.#stage(from, args)).root, source);
    mkdirSync(to, { recursive: true });
    await copy(`${path}/.`, to);
  }
}

/** With owners and rights, as COPY does for what is root's. */
async function copy(from: string, to: string): Promise<void> {
  await runTool('cp', ['-a', '--reflink=auto', from, to], { deadlineMs: RUN_DEADLINE_MS });
}

/** What .dockerignore lets through of the repository, or a file of it. */
function copyContext(source: string, to: string): void {
  const ignore = new DockerIgnore(readRepositoryFile('.dockerignore'));
  const visit = (folder: string) => {
    for (const entry of readdirSync(inRepository(folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!ignore.holdsBackAllOf(path)) visit(path);
      } else if (!ignore.holdsBack(path)) copyFile(path, join(to, path));
    }
  };
  if (source === '.') return visit('.');
  if (ignore.holdsBack(source)) throw new Error(`.dockerignore holds back ${source}`);
  copyFile(source, join(to, source.split('/').at(-1) ?? ''));
}

function copyFile(path: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(inRepository(path), to);
}

async function runInside(building: Building, script: string): Promise<void> {
  const [, install] = /apt-get install (.*?)(?: &&|$)/.exec(script) ?? [];
  if (install !== undefined) return demandPrograms(install.split(' ').filter((word) => !word.startsWith('-')));
  const env = { ...building.args, ...building.env };
  const { program, args, options } = enterCommand({
    ...building,
    env,
    command: ['sh', '-c', script],
    isReadOnly: false,
  });
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], timeout: RUN_DEADLINE_MS });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-10_000)));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`RUN ${script} ended with ${String(code)}:\n${output}`);
}

/** Packages of the system are not installed into the folder; those of the command that runs this are there already. */
function demandPrograms(names: readonly string[]): void {
  const folders = (process.env['PATH'] ?? '').split(':');
  const missing = names.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  if (missing.length > 0) throw new Error(`the image installs ${missing.join(', ')}, which this system lacks`);
}
