import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The document as `npm run docs` wrote it, which is that of the operations with the words of the DTOs' comments. The build
 * puts it beside the app.
 */
export function readBuiltDocument(name: 'openapi.json' | 'openapi-internal.json'): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}
