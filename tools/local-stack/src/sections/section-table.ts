import { CHROMIUM, type SystemProgram } from '../parts/system-program.ts';

/** One step of `npm test`. */
export interface Section {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Needs Postgres, Redis and Kafka. */
  readonly needsParts: boolean;
  /** Programs of the system that it needs besides; they are installed before anything runs where that is possible. */
  readonly needsPrograms?: readonly SystemProgram[];
  /** Runs tests: none at all is a failure. */
  readonly hasTests: boolean;
  readonly deadlineMs: number;
}

const MINUTE_MS = 60_000;
const nx = (...args: readonly string[]) => ({ command: 'nx', args: [...args, '--outputStyle=static'] });

/** In the order of their run: what is quick to fail first. */
export const SECTIONS: readonly Section[] = [
  {
    name: 'format',
    command: 'prettier',
    args: ['--check', '.'],
    needsParts: false,
    hasTests: false,
    deadlineMs: 5 * MINUTE_MS,
  },
  {
    name: 'check',
    ...nx('run-many', '-t', 'lint', 'typecheck', 'test', 'build'),
    needsParts: false,
    hasTests: true,
    deadlineMs: 25 * MINUTE_MS,
  },
  // Once all code is generated, since its imports count.
  {
    name: 'unused',
    command: 'knip',
    args: ['--no-progress'],
    needsParts: false,
    hasTests: false,
    deadlineMs: 5 * MINUTE_MS,
  },
  {
    name: 'docs',
    command: 'node',
    args: ['--conditions=@chat/source', 'tools/check/src/write-docs.ts', '--check'],
    needsParts: false,
    hasTests: false,
    deadlineMs: MINUTE_MS,
  },
  {
    name: 'integration',
    ...nx('run-many', '-t', 'integration', '--parallel=2'),
    needsParts: true,
    hasTests: true,
    deadlineMs: 20 * MINUTE_MS,
  },
  {
    name: 'e2e',
    ...nx('run-many', '-t', 'e2e-shared', 'e2e-own-chat', '--parallel=2'),
    needsParts: true,
    needsPrograms: [CHROMIUM],
    hasTests: true,
    deadlineMs: 30 * MINUTE_MS,
  },
  // Opens parts of its own, to break them.
  {
    name: 'faults',
    ...nx('run', '@chat/chat-e2e:faults'),
    needsParts: false,
    hasTests: true,
    deadlineMs: 30 * MINUTE_MS,
  },
];
