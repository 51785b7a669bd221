/** What V8 writes with `--cpu-prof`, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of nodes, one a sample, and the µs before each. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

/** A function and its share of the time in which the process was not idle, what it called left out. */
export interface SelfTime {
  readonly name: string;
  /** Package that it is of; `node` for Node's own and the kernel's, `ours` for this repository's. */
  readonly owner: string;
  readonly share: number;
}

/** Those that took most first. */
export function selfTimesOf({ nodes, samples, timeDeltas }: CpuProfile): readonly SelfTime[] {
  const nodeOf = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map<string, { name: string; owner: string; us: number }>();
  let busyUs = 0;
  samples.forEach((id, index) => {
    const frame = nodeOf.get(id)?.callFrame;
    if (frame === undefined || frame.functionName === '(idle)') return;
    const us = timeDeltas[index] ?? 0;
    const [name, owner] = [frame.functionName || `(anonymous at line ${frame.lineNumber + 1})`, ownerOf(frame.url)];
    const time = times.get(`${owner} ${name}`) ?? { name, owner, us: 0 };
    time.us += us;
    busyUs += us;
    times.set(`${owner} ${name}`, time);
  });
  const shares = [...times.values()].map(({ name, owner, us }) => ({ name, owner, share: us / busyUs }));
  return shares.sort((a, b) => b.share - a.share);
}

/** The time of each owner, most first. */
export function ownersOf(times: readonly SelfTime[]): readonly Omit<SelfTime, 'name'>[] {
  const shares = new Map<string, number>();
  for (const { owner, share } of times) shares.set(owner, (shares.get(owner) ?? 0) + share);
  return [...shares].map(([owner, share]) => ({ owner, share })).sort((a, b) => b.share - a.share);
}

function ownerOf(url: string): string {
  const inPackage = /node_modules\/(?!.*node_modules\/)((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (inPackage !== undefined) return inPackage;
  return url.startsWith('file:') ? 'ours' : 'node';
}
