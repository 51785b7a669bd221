import { parseAllDocuments } from 'yaml';
import { inRepository } from '../repository.ts';
import { runTool } from '../run-tool.ts';
import { toolsIn, type KUBERNETES_VERSIONS } from '../tools.ts';

const CHART = inRepository('deploy/helm/chat-service');
const DEADLINE_MS = 60_000;

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
  };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env: readonly Variable[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly [other: string]: unknown;
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly [Container];
    readonly terminationGracePeriodSeconds?: number;
    readonly [other: string]: unknown;
  };
}

/** A manifest; its schema says the rest. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>> & { readonly template?: PodTemplate };
}

/** The folder of the tools, from the environment of `npm run test:helm`. */
function tools() {
  const folder = process.env['CHAT_DEPLOYMENT_TOOLS'];
  if (folder === undefined) throw new Error('CHAT_DEPLOYMENT_TOOLS names no folder: run this by npm run test:helm');
  return toolsIn(folder);
}

/** What has to be given. */
export const LEAST = { existingSecret: 'chat', kafka: { brokers: 'kafka-0:9092,kafka-1:9092' } };

type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number];

/** The manifests as text, of release `chat`; throws with Helm's sentence where the values are refused. */
export async function render(values: object, version: KubernetesVersion = '1.37.0'): Promise<string> {
  return runTool(tools().helm, templateArgs(values, version), { deadlineMs: DEADLINE_MS });
}

/** The same with what a command line says by `--set`. */
export async function renderSet(values: object, set: readonly string[]): Promise<string> {
  const args = set.flatMap((value) => ['--set', value]);
  return runTool(tools().helm, [...templateArgs(values, '1.37.0'), ...args], { deadlineMs: DEADLINE_MS });
}

/** The same as an upgrade of what runs in a cluster, which Helm may ask. */
export async function renderOn(apiServer: string, values: object): Promise<string> {
  const cluster = ['--is-upgrade', '--dry-run=server', '--kube-apiserver', apiServer];
  return runTool(tools().helm, [...templateArgs(values, '1.37.0'), ...cluster], { deadlineMs: DEADLINE_MS });
}

function templateArgs(values: object, version: KubernetesVersion): readonly string[] {
  return ['template', 'chat', CHART, '--kube-version', version, ...settingOf(values)];
}

export async function manifests(values: object): Promise<Manifest[]> {
  return parseAllDocuments(await render(values)).map((document) => document.toJS() as Manifest); // held against its schema
}

export async function lint(values: object): Promise<string> {
  return runTool(tools().helm, ['lint', '--strict', CHART, ...settingOf(values)], { deadlineMs: DEADLINE_MS });
}

/** Merged into the chart's own values, as a file of values would be. */
function settingOf(values: object): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);
}

/** Holds a file of manifests against the strict schemas of a Kubernetes version; throws with what is wrong. */
export async function conform(file: string, version: KubernetesVersion): Promise<string> {
  const schemas = `${tools().schemasOf(version)}/{{ .ResourceKind }}{{ .KindSuffix }}.json`;
  const args = ['-strict', '-summary', '-kubernetes-version', version, '-schema-location', schemas, file];
  return runTool(tools().kubeconform, args, { deadlineMs: DEADLINE_MS });
}

/** What the library beneath `docker compose` makes of the compose file; throws where it refuses it. */
export async function loadCompose(): Promise<string> {
  return runTool(tools().compose, [inRepository('docker-compose.yml')], { deadlineMs: DEADLINE_MS });
}

/** Throws with what hadolint finds in the Dockerfile. */
export async function lintDockerfile(): Promise<string> {
  return runTool(tools().hadolint, [inRepository('docker/Dockerfile')], { deadlineMs: DEADLINE_MS });
}
