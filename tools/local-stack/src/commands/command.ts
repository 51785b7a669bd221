import type { LocalConfig } from '../config.ts';

/** What every command is given. */
export interface CommandContext {
  readonly config: LocalConfig;
  /** The words behind the command's name. */
  readonly args: readonly string[];
  /** Aborts when the command shall end. */
  readonly interrupted: AbortSignal;
  /** Writes one line for the user. */
  readonly say: (line: string) => void;
}

/** A command line that cannot be understood, or a state that forbids it: said without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
