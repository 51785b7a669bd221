import { join } from 'node:path';
import { LineProcess } from './line-process.ts';

/** Longest that a peer may take to say that it is ready, in ms. */
const READY_DEADLINE_MS = 60_000;

/** A peer of this repository's own, a file in `peers`, as a process with these arguments. */
export function startPeer(
  file: string,
  args: readonly string[] = [],
  nodeOptions: readonly string[] = [],
): LineProcess {
  const path = join(import.meta.dirname, '../peers', file);
  return new LineProcess(file, process.execPath, ['--conditions=@chat/source', ...nodeOptions, path, ...args]);
}

/** The port that it says it listens on. */
export async function portOf(peer: LineProcess): Promise<number> {
  return Number(await peer.next('listening', READY_DEADLINE_MS));
}
