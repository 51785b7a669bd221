/** How chatctl ends: the one table that help, README and code share. */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'done; a command that goes on until it is told to end was told so' },
  refused: { code: 1, meaning: 'the service refused it, or `doctor` found something that must be mended' },
  usage: { code: 2, meaning: 'the command line, or what it says where the service is, cannot be understood' },
  unavailable: { code: 3, meaning: 'the service, or a part that it needs, does not answer; trying again can help' },
  interrupted: { code: 130, meaning: 'ended by Ctrl-C before it was done (128 and the number of the signal)' },
} as const;

/** The table as lines of help. */
export function exitCodeLines(): readonly string[] {
  return Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${String(code).padEnd(3)}  ${meaning}`);
}
