import type { StompVersion } from '../index.ts';
import type { Outcome, ParsedFrame } from './parse-all.ts';

/* Support of the specs: not part of the library. */

/** Literal bytes and what they must mean. */
export interface Vector {
  readonly title: string;
  /** Version and section of the specification, then its words. */
  readonly source: string;
  readonly version: StompVersion | null;
  readonly bytes: Uint8Array;
  readonly events: Outcome['events'];
  readonly error?: string;
  readonly receiptId?: string;
}

export const EACH: readonly StompVersion[] = ['1.0', '1.1', '1.2'];
export const ESCAPING: readonly StompVersion[] = ['1.1', '1.2'];

/** What is expected of a frame; its body has one character a byte. */
export function frame(command: string, body: string, ...headers: readonly (readonly [string, string])[]): ParsedFrame {
  return [command, headers, body];
}
