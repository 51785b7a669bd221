import { parse } from 'yaml';
import { readRepositoryFile } from '../repository.ts';

/** What the tests read of a service; the schema of the Compose Specification says that it is so. */
export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly args: Record<string, string> };
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly stop_grace_period?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** `docker-compose.yml`, its merges done, with these values for its variables. */
export function readComposeFile(values: Readonly<Record<string, string>> = {}): ComposeFile {
  const file = parse(
    composeText(),
    (_, value: unknown) => (typeof value === 'string' ? interpolate(value, values) : value),
    {
      merge: true,
    },
  );
  return file as ComposeFile; // validated against its schema by a spec
}

export function composeText(): string {
  return readRepositoryFile('docker-compose.yml');
}

/** `${NAME}`, `${NAME:-default}` and `${NAME:?reason}`, the forms of interpolation that the file uses. */
const VARIABLE = /\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g;

/** One place of a file that takes a variable of who runs compose. */
export interface ComposeVariable {
  readonly name: string;
  /** Compose does nothing at all without it. */
  readonly isRequired: boolean;
  readonly standard: string;
}

export function composeVariables(text: string): ComposeVariable[] {
  return [...text.matchAll(VARIABLE)].map(([, name = '', operator, rest = '']) => ({
    name,
    isRequired: operator === '?',
    standard: operator === '-' ? rest : '',
  }));
}

function interpolate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(VARIABLE, (_, name: string, operator: string | undefined, rest: string | undefined) => {
    const standard = operator === '-' ? rest : '';
    return values[name] ?? standard ?? '';
  });
}

/** A port that a service publishes: `address:published:target`. */
export interface PublishedPort {
  readonly address: string;
  readonly published: number;
  readonly target: number;
}

export function publishedPorts({ ports = [] }: Service): PublishedPort[] {
  return ports.map((port) => {
    const [address = '', published = '', target = ''] = port.split(':');
    return { address, published: Number(published), target: Number(target) };
  });
}

/** The services that start with these ones. */
export function startedWith(file: ComposeFile, names: readonly string[]): string[] {
  const started = new Set<string>();
  const visit = (name: string) => {
    if (started.has(name)) return;
    started.add(name);
    dependenciesOf(file.services[name]).forEach(visit);
  };
  names.forEach(visit);
  return [...started].sort();
}

function dependenciesOf(service: Service | undefined): readonly string[] {
  const needed = service?.depends_on ?? [];
  return Array.isArray(needed) ? needed : Object.keys(needed);
}

/** A duration of compose, in ms: `30s`, `1m30s`. */
export function durationMs(text: string): number {
  const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  return [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (unitMs[unit] ?? NaN),
    0,
  );
}
