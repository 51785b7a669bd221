import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The word of NODE_OPTIONS that loads a file of this folder before an app. */
export function preloaded(file: 'bend-connections.ts' | 'collect-garbage.ts'): string {
  return `--import=${pathToFileURL(join(import.meta.dirname, file)).href}`;
}
