import type { TestProject } from 'vitest/node';
import { openRunLogs } from '../harness/log-folder.ts';

/** Every spec file starts what it needs; what they share is a folder for logs. */
export function setup(project: TestProject): () => void {
  return openRunLogs(project).close;
}
