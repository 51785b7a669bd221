import type { Readable } from 'node:stream';
import type { Environment, GlobalOptions } from './config.ts';
import type { Output } from './output/output.ts';

/** What every command is given. */
export interface CommandContext {
  readonly options: GlobalOptions;
  readonly environment: Environment;
  readonly output: Output;
  readonly stdin: Readable;
  /** Aborts with the reason when the command shall end. */
  readonly interrupted: AbortSignal;
}
