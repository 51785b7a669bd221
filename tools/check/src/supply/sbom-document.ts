/** A package in `package-lock.json`, by its folder. */
interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  /** Of a link: the folder of the workspace. */
  readonly resolved?: string;
  readonly link?: boolean;
  /** `sha512-<base64>`. */
  readonly integrity?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export type Lock = Readonly<Record<string, LockedPackage>>;

interface Component {
  readonly folder: string;
  readonly name: string;
  readonly locked: LockedPackage;
  /** Folders of what it needs. */
  readonly needs: readonly string[];
}

/** Everything that an app has when it runs, from the lock file: what it depends on, and what that does; no devDependencies. */
export function componentsOf(lock: Lock, appFolder: string): readonly Component[] {
  const found = new Map<string, Component>();
  const waiting = [appFolder];
  for (const folder of waiting) {
    if (found.has(folder)) continue;
    const locked = lock[folder];
    if (locked === undefined) throw new Error(`package-lock.json has no ${folder}`);
    const needs = askedBy(locked).flatMap((name) => folderOf(lock, folder, name) ?? []); // some are for other systems
    found.set(folder, { folder, name: locked.name ?? nameIn(folder), locked, needs });
    waiting.push(...needs);
  }
  return [...found.values()];
}

/** A peer that may be left out is left out: it is there for who builds or tests. */
function askedBy({ dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta }: LockedPackage) {
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  return [...new Set([...Object.keys({ ...optionalDependencies, ...dependencies }), ...peers])];
}

/** A CycloneDX 1.6 document of an app: its components with versions, licenses and hashes, and what needs what. */
export function sbomOf(lock: Lock, appFolder: string): object {
  const [app, ...components] = componentsOf(lock, appFolder);
  if (app === undefined) throw new Error('an app has itself');
  const refs = new Map([app, ...components].map((each) => [each.folder, refOf(each)]));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', ...describe(app) } },
    components: components.map((each) => ({ type: 'library', ...describe(each) })),
    dependencies: [app, ...components].map((each) => ({
      ref: refOf(each),
      dependsOn: [...new Set(each.needs.flatMap((folder) => refs.get(folder) ?? []))].sort(),
    })),
  };
}

function describe(component: Component) {
  const { name, locked } = component;
  const { version = '0.0.0', license, integrity } = locked;
  return {
    'bom-ref': refOf(component),
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license !== undefined && {
      licenses: [/^UNLICENSED$|^SEE /.test(license) ? { license: { name: license } } : { expression: license }],
    }),
    ...(integrity !== undefined && { hashes: [hashOf(integrity)] }),
  };
}

/** Two folders may have the same package in the same version. */
function refOf({ folder, name, locked }: Component): string {
  return `${name}@${locked.version ?? '0.0.0'}|${folder}`;
}

function hashOf(integrity: string) {
  const [algorithm = '', text = ''] = integrity.split(' ')[0]?.split(/-(.*)/) ?? [];
  return { alg: algorithm.replace(/^sha(\d+)$/, 'SHA-$1'), content: Buffer.from(text, 'base64').toString('hex') };
}

/** Where Node finds the package from there: in its own folder, or in one above it; a link leads on. Null where it is not installed. */
function folderOf(lock: Lock, from: string, name: string): string | null {
  for (let at: string | null = from; at !== null; at = above(at)) {
    const folder: string = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    const locked: LockedPackage | undefined = lock[folder];
    if (locked !== undefined) return locked.link === true ? (locked.resolved ?? null) : folder;
  }
  return null;
}

function above(folder: string): string | null {
  if (folder === '') return null;
  const at = folder.lastIndexOf('/node_modules/');
  return at < 0 ? '' : folder.slice(0, at);
}

function nameIn(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
